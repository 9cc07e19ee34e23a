"""Local dates: the day that people at a place live in, the day some months on, how far ahead a start can be promised. Pure."""

from calendar import monthrange
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

FARTHEST_MONTHS: Final = 12


def local_date(moment: datetime, zone: str) -> date:
    """The date on the calendar in `zone` at `moment` (aware). Raises `ZoneInfoNotFoundError` for a zone that is none."""
    return moment.astimezone(ZoneInfo(zone)).date()


def after_months(day: date, months: int) -> date:
    """The same day so many calendar months on, cut to that month's end (R132)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def may_start(day: date, today: date) -> bool:
    """Whether `day` may be proposed as a first working day: not more than twelve months from today."""
    return day <= after_months(today, FARTHEST_MONTHS)
