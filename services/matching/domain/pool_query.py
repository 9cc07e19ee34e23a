"""The search of the pool by PostgreSQL: codes as bits, and a vacancy as masks over them. Pure.

Ranks exactly as `is_eligible` and `score_candidate`; `test_the_database_ranks_as_the_scoring_rules_do` compares the two.
"""

from collections.abc import Iterable
from datetime import date
from functools import reduce
from operator import or_
from typing import Final, NamedTuple, get_args

from services.matching.domain.scoring import (
    MAX_START_DELAY,
    ON_TIME_POINTS,
    REGION_POINTS,
    TANDEM_FORM_POINTS,
    form_warning,
    preferences,
)
from shared.messages.code_lists import Competence, Experience, Interest, Quality, TargetGroup, TaskCategory, WorkLanguage
from shared.messages.intake import ExpertRegistered, VacancyOpened

SHORTLIST_SIZE: Final = 20
BLOCK_BITS: Final = 32
_CODE_LISTS: Final = {
    "tasks": get_args(TaskCategory),
    "target_groups": get_args(TargetGroup),
    "languages": get_args(WorkLanguage),
    "competences": get_args(Competence),
    "qualities": get_args(Quality),
    "interests": get_args(Interest),
    "experience": get_args(Experience),
}
MASK_BITS: Final = BLOCK_BITS * len(_CODE_LISTS)
# The bits of experts are stored, so a code keeps its position: `test_code_lists_keep_the_order_of_the_stored_bits` pins the order.
_BIT: Final = {
    dimension: {code: 1 << (BLOCK_BITS * block + position) for position, code in enumerate(codes)}
    for block, (dimension, codes) in enumerate(_CODE_LISTS.items())
}


class PoolQuery(NamedTuple):
    """The parameters of the query `top_candidates` that follow from a vacancy, in their order.

    The points of each code are spread over four masks worth 1, 2, 4 and 8: the bits that an expert shares with a mask, times its
    worth, add up to their points. `language_mask` is None if the vacancy asks for no language."""

    mask_1: int
    mask_2: int
    mask_4: int
    mask_8: int
    language_mask: int | None
    region: str
    region_points: int
    hours: int
    starts_on: date
    on_time_points: int
    available_by: date


def build_query(vacancy: VacancyOpened) -> PoolQuery:
    """Return the search that finds and ranks the eligible experts for a vacancy."""
    points = {
        _BIT[preference.dimension][code]: preference.points
        for preference in preferences(vacancy)
        if preference.dimension in _BIT
        for code in preference.codes
    }
    for experience in get_args(Experience):
        points[_BIT["experience"][experience]] = 0 if form_warning(experience, vacancy.tandem_form) else TANDEM_FORM_POINTS
    mask_1, mask_2, mask_4, mask_8 = (reduce(or_, (bit for bit, p in points.items() if p & worth), 0) for worth in (1, 2, 4, 8))
    return PoolQuery(
        mask_1=mask_1,
        mask_2=mask_2,
        mask_4=mask_4,
        mask_8=mask_8,
        language_mask=_mask("languages", vacancy.languages) or None,
        region=vacancy.region,
        region_points=REGION_POINTS,
        hours=vacancy.hours,
        starts_on=vacancy.starts_on,
        on_time_points=ON_TIME_POINTS,
        available_by=vacancy.starts_on + MAX_START_DELAY,
    )


def trait_bits(expert: ExpertRegistered) -> int:
    """Return an expert's codes as bits, so that the database counts shared codes in one pass over the pool."""
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
