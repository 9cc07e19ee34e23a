"""How far ahead a date may lie that somebody plans with. Pure."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from shared.programme.local_dates import add_months

FARTHEST_MONTHS: Final = 24


def wrong_start(day: date, today: date) -> Iterator[str]:
    """Why a place cannot start on `day`."""
    if day < today:
        yield "lies in the past: give the first working day that you have in mind"
    yield from too_far(day, today)


def too_far(day: date, today: date) -> Iterator[str]:
    """Why nobody plans with `day` yet."""
    if day > add_months(today, FARTHEST_MONTHS):
        yield "lies more than two years ahead: is the year right?"
