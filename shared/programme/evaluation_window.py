"""The bounds of the fixed talk: coaching decides by them, and notify's page tells people before they ask (R132). Pure."""

from datetime import date, timedelta
from typing import Final

from shared.programme.local_dates import add_months

LATEST_MONTHS: Final = 6
"""A talk that is put off for longer is no talk about the start any more."""
SETTLING_IN: Final = timedelta(days=28)
"""Before so many days together there is nothing to look back on."""


def may_move(to: date, first_day: date, today: date) -> bool:
    """Whether the talk may be on `to`: after today and the pair's real first day, within six months of the latter. Local dates."""
    return max(today, first_day) < to <= add_months(first_day, LATEST_MONTHS)


def may_be_held(on: date, first_day: date, today: date) -> bool:
    """Whether the talk may have been on `on`: from four weeks after the pair's real first day, until today. Local dates."""
    return first_day + SETTLING_IN <= on <= today
