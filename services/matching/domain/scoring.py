"""What an expert and a vacancy have in common, as reasons for people and points that only sort. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec

from shared.messages.code_lists import Competence, Experience, Motive, TandemForm
from shared.messages.intake import ExpertRegistered, VacancyOpened
from shared.messages.matching import Candidate, Dimension, Reason

NOT_USED: Final = ("diploma", "age", "sex", "origin", "family", "health", "debts")  # R029; the messages do not even carry them
MAY_START_LATER: Final = timedelta(days=28)
REGION: Final = 5
ON_TIME: Final = 3
FORM: Final = 2
SELF_EVIDENT: Final = ("region", "hours", "start")  # the dimension says it all; there are no codes to name

COMPETENCES_FOR_MOTIVE: Final[Mapping[Motive, tuple[Competence, ...]]] = {  # R009: what helps an organisation to what it hopes for
    "fit": ("plain_language", "interpreting_between_worlds", "screening_texts", "policy_reading"),
    "accessibility": ("outreach", "trust_building", "taking_away_guilt", "knows_services_map"),
    "participation": ("group_facilitation", "stands_up_for_rights", "research_together", "telling_own_story"),
}


class Preference(NamedTuple):
    """Codes that a vacancy asks for in one dimension, the points for each that an expert brings, and whether its lack is said."""

    dimension: Dimension
    codes: tuple[str, ...]
    points: int
    lack_is_said: bool = True


def wishes(vacancy: VacancyOpened) -> tuple[Preference, ...]:
    """What counts, organisation and team first, the tandem partner second (R126).

    Nobody reads that they lack a quality or an interest: what was not written down is not absent."""
    asked = vacancy.competences
    served = tuple(
        dict.fromkeys([code for motive in vacancy.motives for code in COMPETENCES_FOR_MOTIVE[motive] if code not in asked])
    )
    return (
        Preference("tasks", tuple(dict.fromkeys([task.category for task in vacancy.tasks])), 8),
        Preference("target_groups", vacancy.target_groups, 6),
        Preference("languages", vacancy.languages, 2),
        Preference("region", (vacancy.region,), REGION),
        Preference("hours", ("fit",), 0),
        Preference("start", ("on_time",), ON_TIME),
        Preference("competences", asked, 4),
        Preference("competences", served, 2, lack_is_said=False),
        Preference("qualities", vacancy.qualities, 3, lack_is_said=False),
        Preference("interests", vacancy.interests, 3, lack_is_said=False),
        Preference("tandem_form", (vacancy.tandem_form,), FORM),
    )


def form_warning(experience: Experience, form: TandemForm) -> bool:
    """A starting expert is best off with a fixed tandem partner (R121)."""
    return experience == "starting" and form != "fixed_one_to_one"


def is_eligible(vacancy: VacancyOpened, expert: ExpertRegistered) -> bool:
    """Whether the expert can do it at all: the hours are theirs, a language is shared, they are free four weeks after the start.

    All else is a reason, never a bar."""
    return (
        expert.hours_min <= vacancy.hours <= expert.hours_max
        and (not vacancy.languages or not set(vacancy.languages).isdisjoint(expert.languages))
        and expert.available_from <= vacancy.starts_on + MAY_START_LATER
    )


def score_candidate(vacancy: VacancyOpened, expert: ExpertRegistered) -> Candidate:
    """An expert who can do it, with the reasons for and against and the points; the parts sum to the score."""
    has = _has(vacancy, expert)
    parts, reasons_for, reasons_against = dict[Dimension, int](), dict[Dimension, list[str]](), dict[Dimension, list[str]]()
    for dimension, codes, points, lack_is_said in wishes(vacancy):
        brought = [code for code in codes if code in has[dimension]]
        if brought:
            parts[dimension] = parts.get(dimension, 0) + points * len(brought)
            reasons_for[dimension] = reasons_for.get(dimension, []) + brought
        if lack_is_said and len(brought) < len(codes):
            reasons_against[dimension] = [code for code in codes if code not in brought]
    return Candidate(
        expert=expert.expert,
        experience=expert.experience,
        score=sum(parts.values()),
        parts=tuple([(dimension, points) for dimension, points in parts.items() if points]),
        reasons_for=_reasons(reasons_for),
        reasons_against=_reasons(reasons_against),
        not_used=NOT_USED,
    )


def digest(candidates: Sequence[Candidate]) -> str:
    """Tells one list from another: who stands on it, in which order, for which reasons. That of an empty list is empty."""
    if not candidates:
        return ""
    return sha256(msgspec.json.encode(candidates), usedforsecurity=False).hexdigest()


def candidate_ids(candidates: Iterable[Candidate]) -> str:
    """The ids of those on a list, as one text."""
    return " ".join(str(candidate.expert) for candidate in candidates)


def _has(vacancy: VacancyOpened, expert: ExpertRegistered) -> Mapping[Dimension, Collection[str]]:
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


def _reasons(found: Mapping[Dimension, list[str]]) -> tuple[Reason, ...]:
    return tuple([Reason(dimension, () if dimension in SELF_EVIDENT else tuple(codes)) for dimension, codes in found.items()])
