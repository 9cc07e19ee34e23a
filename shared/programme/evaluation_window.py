"""The dates allowed for the fixed evaluation (R132). Coaching enforces them; notify's page shows them beforehand. Pure."""

from datetime import date, timedelta
from typing import Final

from shared.programme.local_dates import add_months

MAX_MONTHS_AFTER_START: Final = 6
"""A later evaluation would no longer be about the start."""
MIN_TIME_TOGETHER: Final = timedelta(days=28)
"""Before that, there is too little to evaluate."""


def may_move(to: date, first_day: date, today: date) -> bool:
    """Return True if the evaluation may be moved to `to`: after today and after the pair's actual first day, within six months
    of that day. All local dates."""
    return max(today, first_day) < to <= add_months(first_day, MAX_MONTHS_AFTER_START)


def may_be_held(on: date, first_day: date, today: date) -> bool:
    """Return True if the evaluation may be reported as held on `on`: between four weeks after the pair's actual first day and
    today. All local dates."""
    return first_day + MIN_TIME_TOGETHER <= on <= today
