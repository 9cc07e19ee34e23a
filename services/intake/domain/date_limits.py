"""Limits on dates to plan with. Pure."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from shared.programme.local_dates import add_months

MAX_MONTHS_AHEAD: Final = 24


def start_errors(day: date, today: date) -> Iterator[str]:
    """Yield the reasons why a job cannot start on `day`."""
    if day < today:
        yield "is in the past; give the first working day you plan"
    yield from horizon_errors(day, today)


def past_errors(day: date, today: date) -> Iterator[str]:
    """Yield the reason why something cannot have happened on `day`."""
    if day > today:
        yield "is in the future; report it once it has taken place"


def horizon_errors(day: date, today: date) -> Iterator[str]:
    """Yield the reason why `day` is too far ahead to plan with."""
    if day > add_months(today, MAX_MONTHS_AHEAD):
        yield "is more than two years ahead; check the year"
