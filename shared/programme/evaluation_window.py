"""The dates allowed for the fixed evaluation (R132). Coaching enforces them; notify's page shows them beforehand. Pure."""

from datetime import date, timedelta
from typing import Final

from shared.programme.date_range import DateRange
from shared.programme.local_dates import add_months

MAX_MONTHS_AFTER_START: Final = 6
"""A later evaluation would no longer be about the start."""
MIN_TIME_TOGETHER: Final = timedelta(days=28)
"""Before that, there is too little to evaluate."""


def move_range(first_day: date, today: date) -> DateRange:
    """Return the days to which the evaluation may be moved: after today and after the tandem's actual first day, within six months
    of that day. All local dates."""
    return DateRange(max(today, first_day) + timedelta(days=1), add_months(first_day, MAX_MONTHS_AFTER_START))


def held_range(first_day: date, today: date) -> DateRange:
    """Return the days on which the evaluation may have been held: from four weeks after the tandem's actual first day until today.
    All local dates."""
    return DateRange(first_day + MIN_TIME_TOGETHER, today)
