"""`vacancy-submitted`: a vacancy for an expert: the tasks with their goals, the profile sought, the tandem and the terms."""

# Checklist rows, which the published texts below do not name:
# R016, R017, R029, R049, R060, R069, R074, R084, R107-R117, R120, R125, R126.

from typing import Literal, get_args

from pydantic import ConfigDict, Field, ValidationInfo, field_validator
from pydantic.config import JsonDict

from services.intake.contract.fields import (
    Consent,
    ContractModel,
    Day,
    ExternalId,
    LongText,
    NonEmptyList,
    Note,
    Person,
    Region,
    ShortText,
    WeekHours,
)
from shared.messages.code_lists import (
    Competence,
    CooperationForm,
    Interest,
    PartnerType,
    Quality,
    Setting,
    TandemForm,
    TaskCategory,
    WorkLanguage,
)

ContractForm = Literal["permanent", "fixed_term", "replacement"]
PLACES = ("ambulatory", "residential")
LEVELS = ("local", "supra_local")
SETTINGS = {"individual_support": PLACES, "group_work": PLACES, "policy_work": LEVELS}


def _if_property(name: str, value: str, then: JsonDict) -> JsonDict:
    return {"if": {"required": [name], "properties": {name: {"const": value}}}, "then": {"properties": then}}


_SETTING_OF_CATEGORY: JsonDict = {
    "allOf": [
        _if_property("category", category, {"setting": {"enum": [*SETTINGS.get(category, ()), None]}})
        for category in get_args(TaskCategory)
    ]
}


class Task(ContractModel):
    """A task in one of the five categories of work for an expert; every task has a goal."""

    model_config = ConfigDict(json_schema_extra=_SETTING_OF_CATEGORY)

    category: TaskCategory
    setting: Setting | None = Field(None, description="support and group work: ambulatory, residential; policy: local, supra_local")
    lowers_threshold: bool = Field(description="true if the task makes the first step smaller for people")
    goal: Note

    @field_validator("setting")
    @classmethod
    def _fits(cls, setting: Setting | None, info: ValidationInfo) -> Setting | None:
        allowed = SETTINGS.get(info.data.get("category", ""), ())
        if setting and "category" in info.data and setting not in allowed:
            raise ValueError(f"does not fit this category; allowed: {', '.join(allowed) or 'none'}")
        return setting


class TandemPartner(Person):
    """A colleague who forms the tandem, known and willing."""

    willing: Consent = Field(description="the person has agreed")


_PEOPLE_OF_FORM: JsonDict = {
    "if": {"required": ["form"], "properties": {"form": {"const": "none"}}},
    "then": {"properties": {"partner_type": {"type": "null"}, "partners": {"maxItems": 0}}},
    "else": {
        "required": ["partner_type", "partners"],
        "properties": {"partner_type": {"type": "string"}, "partners": {"minItems": 1}},
    },
    "allOf": [_if_property("form", "fixed_one_to_one", {"partners": {"maxItems": 1}})],
}


class Tandem(ContractModel):
    """One expert with one or more colleagues, or none if the work does not need a tandem."""

    model_config = ConfigDict(json_schema_extra=_PEOPLE_OF_FORM)

    form: TandemForm
    partner_type: PartnerType | None = Field(None, description="required unless form is none", validate_default=True)
    partners: tuple[TandemPartner, ...] = Field(
        (), max_length=10, description="at least one unless form is none", validate_default=True
    )

    @field_validator("partner_type")
    @classmethod
    def _typed(cls, value: PartnerType | None, info: ValidationInfo) -> PartnerType | None:
        if "form" in info.data and (value is None) != (info.data["form"] == "none"):
            raise ValueError("is required, unless form is none: then leave it out")
        return value

    @field_validator("partners")
    @classmethod
    def _as_many_as_the_form(cls, value: tuple[TandemPartner, ...], info: ValidationInfo) -> tuple[TandemPartner, ...]:
        form = info.data.get("form")
        if form == "none" and value:
            raise ValueError("must be empty if form is none")
        if form not in (None, "none") and not value:
            raise ValueError("must contain at least one, unless form is none")
        if form == "fixed_one_to_one" and len(value) > 1:
            raise ValueError("must contain exactly one if form is fixed_one_to_one")
        return value


class Contract(ContractModel):
    """The employer's own contract with the expert. Secondment is not allowed: Tandem mediates and lends no one out."""

    form: ContractForm
    pay: Note = Field(description="the pay scale, in words")


class Vacancy(ContractModel):
    """A vacancy for an expert, opened once the organisation meets gate B."""

    vacancy: ExternalId = Field(description="your id for the vacancy")
    organisation: ExternalId = Field(description="your id for the organisation, or its Tandem id")
    title: ShortText
    job_description: LongText = Field(description="the job on paper, in plain language")
    team_description: LongText = Field(
        description="the organisation and the whole team: the expert works with more people than the tandem partner"
    )
    tasks: tuple[Task, ...] = Field(min_length=1, max_length=10)
    other_duties: Note | None = Field(None, description="other duties, apart from the work as expert")
    qualities: NonEmptyList[Quality] = Field(description="sought")
    interests: NonEmptyList[Interest] = Field(description="sought")
    competences: NonEmptyList[Competence] = Field(description="sought")
    languages: NonEmptyList[WorkLanguage] = Field(description="used at work")
    region: Region
    place: ShortText
    hours: WeekHours
    cooperation_form: CooperationForm
    tandem: Tandem
    contract: Contract
    diploma_required: bool = Field(description="true only if the law requires it: few people with experience of poverty have one")
    starts_on: Day

    @property
    def answers(self) -> frozenset[str]:
        """The facts in these data that answer items of the readiness catalogue (`answered_by`)."""
        always = {"job_description", "team_description", "tasks", "contract", "sought", "practical", "evaluation_date"}
        tandem = {"tandem_partners"} if self.tandem.partners else set()
        fixed = {"fixed_tandem"} if self.tandem.form == "fixed_one_to_one" else set()
        return frozenset(always | tandem | fixed | (set() if self.diploma_required else {"no_diploma"}))
