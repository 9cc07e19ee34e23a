"""Scores an expert against a vacancy: reasons for people, and points that only sort. Pure."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Final, NamedTuple
from uuid import UUID

from shared.messages.code_lists import Competence, Experience, Motive, TandemForm
from shared.messages.intake import ExpertRegistered, VacancyOpened
from shared.messages.matching import Candidate, Dimension, Reason

NOT_USED: Final = ("diploma", "age", "sex", "origin", "family", "health", "debts")  # R029; no message carries them either
MAX_START_DELAY: Final = timedelta(days=28)
REGION_POINTS: Final = 5
ON_TIME_POINTS: Final = 3
TANDEM_FORM_POINTS: Final = 2
DIMENSIONS_WITHOUT_CODES: Final = ("region", "hours", "start")

COMPETENCES_FOR_MOTIVE: Final[Mapping[Motive, tuple[Competence, ...]]] = {  # R009
    "fit": ("plain_language", "interpreting_between_worlds", "screening_texts", "policy_reading"),
    "accessibility": ("outreach", "trust_building", "taking_away_guilt", "knows_services_map"),
    "participation": ("group_facilitation", "stands_up_for_rights", "research_together", "telling_own_story"),
}


class Preference(NamedTuple):
    """Codes that a vacancy asks for in one dimension, and the points for each. A missing code becomes a reason against the
    candidate if `report_missing`."""

    dimension: Dimension
    codes: tuple[str, ...]
    points: int
    report_missing: bool = True


def preferences(vacancy: VacancyOpened) -> tuple[Preference, ...]:
    """Return the preferences of a vacancy: those for organisation and team first, for the tandem partner last (R126).

    A missing quality or interest is not reported: not having mentioned one does not mean not having it. Competences that serve the
    organisation's motives count even if they were not asked for (R009)."""
    requested = vacancy.competences
    for_motives = tuple(
        dict.fromkeys([code for motive in vacancy.motives for code in COMPETENCES_FOR_MOTIVE[motive] if code not in requested])
    )
    return (
        Preference("tasks", tuple(dict.fromkeys([task.category for task in vacancy.tasks])), 8),
        Preference("target_groups", vacancy.target_groups, 6),
        Preference("languages", vacancy.languages, 2),
        Preference("region", (vacancy.region,), REGION_POINTS),
        Preference("hours", ("fit",), 0),
        Preference("start", ("on_time",), ON_TIME_POINTS),
        Preference("competences", requested, 4),
        Preference("competences", for_motives, 2, report_missing=False),
        Preference("qualities", vacancy.qualities, 3, report_missing=False),
        Preference("interests", vacancy.interests, 3, report_missing=False),
        Preference("tandem_form", (vacancy.tandem_form,), TANDEM_FORM_POINTS),
    )


def form_warning(experience: Experience, form: TandemForm) -> bool:
    """Return True if the form is not advised: a starting expert is best off with a fixed tandem partner (R121)."""
    return experience == "starting" and form != "fixed_one_to_one"


def is_eligible(vacancy: VacancyOpened, expert: ExpertRegistered) -> bool:
    """Return True if the hours fit, a language is shared, and the expert is free within four weeks of the first day.

    Everything else is a reason for or against, and never excludes."""
    return (
        expert.hours_min <= vacancy.hours <= expert.hours_max
        and (not vacancy.languages or not set(vacancy.languages).isdisjoint(expert.languages))
        and expert.available_from <= vacancy.starts_on + MAX_START_DELAY
    )


def score_candidate(vacancy: VacancyOpened, expert: ExpertRegistered, possible_duplicates: tuple[UUID, ...] = ()) -> Candidate:
    """Return an eligible expert with the reasons for and against, and the points by dimension, which sum to the score."""
    matching = _matching_codes(vacancy, expert)
    parts, reasons_for, reasons_against = dict[Dimension, int](), dict[Dimension, list[str]](), dict[Dimension, list[str]]()
    for dimension, codes, points, report_missing in preferences(vacancy):
        matched = [code for code in codes if code in matching[dimension]]
        if matched:
            parts[dimension] = parts.get(dimension, 0) + points * len(matched)
            reasons_for[dimension] = reasons_for.get(dimension, []) + matched
        if report_missing and len(matched) < len(codes):
            reasons_against[dimension] = [code for code in codes if code not in matched]
    return Candidate(
        expert=expert.expert,
        experience=expert.experience,
        score=sum(parts.values()),
        parts=tuple([(dimension, points) for dimension, points in parts.items() if points]),
        reasons_for=_reasons(reasons_for),
        reasons_against=_reasons(reasons_against),
        not_used=NOT_USED,
        possible_duplicate_of=possible_duplicates,
    )


def _matching_codes(vacancy: VacancyOpened, expert: ExpertRegistered) -> Mapping[Dimension, Collection[str]]:
    return {
        "tasks": expert.task_categories,
        "target_groups": expert.target_groups,
        "languages": expert.languages,
        "region": expert.regions,
        "hours": ("fit",),
        "start": ("on_time",) if expert.available_from <= vacancy.starts_on else (),
        "competences": expert.competences,
        "qualities": expert.qualities,
        "interests": expert.interests,
        "tandem_form": () if form_warning(expert.experience, vacancy.tandem_form) else (vacancy.tandem_form,),
    }


def _reasons(by_dimension: Mapping[Dimension, list[str]]) -> tuple[Reason, ...]:
    return tuple([Reason(dimension, _reported(dimension, codes)) for dimension, codes in by_dimension.items()])


def _reported(dimension: Dimension, codes: list[str]) -> tuple[str, ...]:
    return () if dimension in DIMENSIONS_WITHOUT_CODES else tuple(codes)
