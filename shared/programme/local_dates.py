"""Local dates, without time of day: conversion from an instant, calendar months, working days. Pure."""

from calendar import monthrange
from datetime import date, datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal, get_args
from zoneinfo import ZoneInfo

from shared.messages.code_lists import Language

if TYPE_CHECKING:
    from holidays import HolidayBase

DayOff = Literal["weekend", "holiday"]

# The two working-day functions are cached: messages of one day ask for the same few dates, and ten working days cost 23 µs.


def local_date(moment: datetime, zone: str) -> date:
    """Return the date in `zone` (IANA name) at `moment` (aware). Raises `ZoneInfoNotFoundError` for an unknown zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def add_months(day: date, months: int) -> date:
    """Return the same day of the month `months` calendar months later, or that month's last day if it is shorter (R132)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def ends_before(last_day: date, moment: datetime, zone: str) -> bool:
    """Return True if `last_day`, a local date in `zone`, has ended at `moment`: an answer that may be given until then is late."""
    return last_day < local_date(moment, zone)


def preload_holidays() -> None:
    """Load the holiday calendars, which takes half a second. Called at start-up, so that no message waits for it."""
    for language in get_args(Language):
        working_day_on_or_after(date(2027, 1, 1), language)


@lru_cache(1024)
def working_day_on_or_after(day: date, language: Language) -> date:
    """Return `day` itself or the next working day, on the calendar of the country of `language`."""
    return _calendar(language).get_nth_working_day(day, 0)


@lru_cache(1024)
def working_day_on_or_before(day: date, language: Language) -> date:
    """Return `day` itself or the last working day before it, on the calendar of the country of `language`."""
    return day if _calendar(language).is_working_day(day) else _calendar(language).get_nth_working_day(day, -1)


def day_off(day: date, language: Language) -> DayOff | None:
    """Return why `day` is no working day on the calendar of the country of `language`, or None if it is one."""
    if _calendar(language).is_working_day(day):
        return None
    return "holiday" if day in _calendar(language) else "weekend"


@lru_cache(1024)
def add_working_days(day: date, days: int, language: Language) -> date:
    """Return the date `days` (at least 1) working days after `day`, on the calendar of the country of `language`."""
    return _calendar(language).get_nth_working_day(day, days)


@cache
def _calendar(language: Language) -> "HolidayBase":
    import holidays  # takes as long as all else that a command imports, and few commands need it

    return holidays.country_holidays(language[-2:])
