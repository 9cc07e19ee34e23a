"""The first working day: the exploration phase starts once no item of gates B and S is missing (R127-R131). Pure."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from services.coaching.domain import evaluation
from services.coaching.domain.evaluation import tandem_ids
from services.coaching.domain.inputs import Output
from services.coaching.domain.readiness import Readiness
from services.coaching.domain.tandem import Tandem
from shared.messages.coaching import ExplorationStarted, StartWaiting
from shared.messages.ids import entity_key
from shared.messages.matching import TandemFormed
from shared.pipeline.timers import ScheduleTimer, TimerDue
from shared.programme.local_dates import local_date, working_day_on_or_after
from shared.programme.policy import Policy

MILESTONE: Final = "start"


def first_day_timer(formed: TandemFormed, day: date) -> ScheduleTimer:
    """Return the timer that starts the tandem on `day`; it also locks the readiness of its vacancy and its organisation."""
    related_keys = entity_key("vacancy", formed.vacancy), entity_key("organisation", formed.organisation)
    return ScheduleTimer(entity_key("tandem", formed.tandem), MILESTONE, "first_day", "all", day, formed.zone, related_keys)


def start(policy: Policy, tandem: Tandem, readiness: Sequence[Readiness], due: TimerDue, now: datetime) -> Iterator[Output]:
    """Start the exploration phase if nothing is missing; otherwise inform the coordinator once, and try again each working day.

    An organisation or vacancy that intake has not reported on yet is not ready. A late start also moves the evaluation."""
    formed = tandem.formed
    if not formed or tandem.exploring_since:
        return
    today = local_date(now, formed.zone)
    if all(state.missing == () for state in readiness):
        started_on = _start_date(tandem, due.day, today)
        yield ExplorationStarted(*tandem_ids(formed), started_on=started_on)
        yield from evaluation.postpone_for_late_start(policy, tandem, started_on, now)
        return
    missing = tuple(sorted({item for state in readiness for item in state.missing or ()}))
    if missing and not tandem.start_blocked:
        yield StartWaiting(*tandem_ids(formed), starts_on=formed.starts_on, missing_items=missing)
    tomorrow = max(due.day, today) + timedelta(days=1)
    yield first_day_timer(formed, working_day_on_or_after(tomorrow, formed.language or policy.language))


def _start_date(tandem: Tandem, day: date, today: date) -> date:
    """Return the day of the timer, or today if downtime lasted until the date of the evaluation itself."""
    return today if tandem.evaluation and tandem.evaluation.on <= today else day
