"""The pool as the database can search it: codes as bits, and a vacancy as a question about them. Pure."""

from collections.abc import Iterable
from datetime import date
from functools import reduce
from operator import or_
from typing import Final, NamedTuple, get_args

from services.matching.domain.scoring import FORM, form_warning, wishes
from shared.messages.code_lists import Competence, Experience, Interest, Quality, TargetGroup, TaskCategory, WorkLanguage
from shared.messages.intake import ExpertRegistered, VacancyOpened

# A block of 32 places for each dimension that has a code list; the lists only ever grow at their end.
_BLOCKS: Final = {
    "tasks": get_args(TaskCategory),
    "target_groups": get_args(TargetGroup),
    "languages": get_args(WorkLanguage),
    "competences": get_args(Competence),
    "qualities": get_args(Quality),
    "interests": get_args(Interest),
    "experience": get_args(Experience),
}
_BIT: Final = {
    dimension: {code: 1 << (32 * block + nth) for nth, code in enumerate(codes)}
    for block, (dimension, codes) in enumerate(_BLOCKS.items())
}
WIDTH: Final = 32 * len(_BLOCKS)


class PoolQuery(NamedTuple):
    """A vacancy as the database can ask for it over the whole pool; it must rank as `candidate` does (a test holds them together).

    The points of a code are spread over four masks, worth 1, 2, 4 and 8: an expert's points are the bits they share with each."""

    masks: tuple[int, int, int, int]
    speaks: int
    region: str
    hours: int
    starts_on: date


def build_query(vacancy: VacancyOpened) -> PoolQuery:
    """What to ask of the pool: the bars of `can` and the points of `candidate`."""
    points = {_BIT[wish.dimension][code]: wish.points for wish in wishes(vacancy) if wish.dimension in _BIT for code in wish.codes}
    for experience in get_args(Experience):
        points[_BIT["experience"][experience]] = 0 if form_warning(experience, vacancy.tandem_form) else FORM
    one, two, four, eight = (reduce(or_, (bit for bit, worth in points.items() if worth & unit), 0) for unit in (1, 2, 4, 8))
    speaks = _mask("languages", vacancy.languages)
    return PoolQuery((one, two, four, eight), speaks, vacancy.region, vacancy.hours, vacancy.starts_on)


def trait_bits(expert: ExpertRegistered) -> int:
    """An expert's codes as bits, so that the database counts what is shared in one pass over the pool."""
    return (
        _mask("tasks", expert.task_categories)
        | _mask("target_groups", expert.target_groups)
        | _mask("languages", expert.languages)
        | _mask("competences", expert.competences)
        | _mask("qualities", expert.qualities)
        | _mask("interests", expert.interests)
        | _BIT["experience"][expert.experience]
    )


def _mask(dimension: str, codes: Iterable[str]) -> int:
    mask, bit = 0, _BIT[dimension]
    for code in codes:
        mask |= bit[code]
    return mask
