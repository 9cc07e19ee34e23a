"""Code lists shared by all services and partners. Comments name the requirements behind them (tests/requirements.toml)."""

from typing import Literal

Motive = Literal["fit", "accessibility", "participation"]  # R008
TargetGroup = Literal["parents_in_poverty", "pregnant_women", "generational_poverty", "other"]  # R021
Sector = Literal[  # R022, R042
    "ocmw", "social_house", "childcare", "government_agency", "association", "employment_service", "family_agency",
    "welfare", "debt_help", "municipality", "health", "education", "housing", "other",
]  # fmt: skip
CooperationForm = Literal["tandem", "independent", "whole_team"]  # R073-R076
TandemForm = Literal["fixed_one_to_one", "alternating", "per_assignment", "other", "none"]  # R117, R120
PartnerType = Literal["helper", "professional", "volunteer"]  # R049
TaskCategory = Literal["individual_support", "group_work", "policy_work", "training_advice", "research"]  # R108-R112
Setting = Literal["ambulatory", "residential", "local", "supra_local"]  # R108-R110
Experience = Literal["starting", "experienced"]  # R121
Criterion = Literal["own_experience", "behind_the_person", "training"]  # R053-R055
ReadinessAnswer = Literal["no", "in_progress", "yes", "not_applicable"]
Gate = Literal["B", "S"]  # B: before a vacancy goes out; S: before the first working day
Language = Literal["nl-BE", "nl-NL"]
WorkLanguage = Literal["nl", "fr", "en", "de", "ar", "tr", "es", "pl", "other"]  # R017
Role = Literal["coordinator", "expert", "partner", "mediator", "advice_team", "lead"]
Side = Literal["expert", "organisation"]
Quality = Literal[
    "patient", "direct", "calm", "humorous", "persevering", "creative", "precise", "warm", "enterprising", "listening",
]  # fmt: skip
Interest = Literal[
    "children_and_family", "health", "housing", "debts", "education", "work", "neighbourhood", "policy", "culture", "digital",
]  # fmt: skip
Competence = Literal[  # R041, and the list that the field uses
    "trust_building", "plain_language", "interpreting_between_worlds", "taking_away_guilt", "constructive_confronting",
    "giving_feedback", "receiving_feedback", "closeness_and_distance", "group_facilitation", "telling_own_story",
    "training_others", "policy_reading", "screening_texts", "outreach", "knows_services_map", "research_together",
    "digital_basics", "team_and_tandem_work", "stands_up_for_rights",
]  # fmt: skip
