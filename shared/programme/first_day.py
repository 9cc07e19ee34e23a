"""The first working day that a proposal may name. Matching enforces it; notify's page shows it beforehand. Pure."""

from datetime import date
from typing import Final

from shared.messages.code_lists import Language
from shared.programme.date_range import DateRange
from shared.programme.local_dates import add_months, working_day_on_or_after

MAX_MONTHS_AHEAD: Final = 12


def first_day_range(today: date) -> DateRange:
    """Return the days that a mediator may choose as the first day."""
    return DateRange(today, add_months(today, MAX_MONTHS_AHEAD))


def requested_first_day(chosen: date | None, wanted: date, today: date) -> date | None:
    """Return the day that the mediator chose, or else the one that the organisation wanted, which is today once it has passed.

    Returns None if that day is outside `first_day_range`."""
    day = chosen or max(wanted, today)
    return day if day in first_day_range(today) else None


def first_working_day(requested: date, today: date, language: Language) -> date:
    """Return the requested day, or today if it has passed, moved to a working day of the organisation's country."""
    return working_day_on_or_after(max(requested, today), language)
