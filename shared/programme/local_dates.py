"""Local dates: the day at a place, the day some months on, the working days, how far ahead a start can be promised. Pure."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final, get_args
from zoneinfo import ZoneInfo

import holidays

from shared.messages.code_lists import Language

PLANNING_HORIZON_MONTHS: Final = 12


def local_date(moment: datetime, zone: str) -> date:
    """The date on the calendar in `zone` at `moment` (aware). Raises `ZoneInfoNotFoundError` for a zone that is none."""
    return moment.astimezone(ZoneInfo(zone)).date()


def add_months(day: date, months: int) -> date:
    """The same day so many calendar months on, cut to that month's end (R132)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def within_planning_horizon(day: date, today: date) -> bool:
    """Whether `day` may be proposed as a first working day: not more than twelve months from today."""
    return day <= add_months(today, PLANNING_HORIZON_MONTHS)


@cache
def _free_days(language: Language) -> holidays.HolidayBase:
    return holidays.country_holidays(language[-2:])


def preload_holidays() -> None:
    """Loads what `working_day` needs, which takes half a second: at the start, so that no message waits for it."""
    for language in get_args(Language):
        working_day(date(2027, 1, 1), language)


def working_day(day: date, language: Language) -> date:
    """The first working day from `day` on (itself included), on the calendar of the country of `language`."""
    while day.weekday() >= 5 or day in _free_days(language):
        day += timedelta(days=1)
    return day


def after_working_days(day: date, days: int, language: Language) -> date:
    """The date `days` working days after `day`."""
    for _ in range(days):
        day = working_day(day + timedelta(days=1), language)
    return day
