"""The first working day: the exploration phase starts if all that is needed before it is there (R127-R131). Pure."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from services.coaching.domain import evaluation
from services.coaching.domain.states import Readiness, Tandem
from shared.messages.coaching import EvaluationScheduled, ExplorationStarted, StartWaiting
from shared.messages.envelope import entity_key
from shared.messages.matching import TandemFormed
from shared.pipeline.decider import Effect
from shared.pipeline.timers import ScheduleTimer, TimerDue
from shared.programme.local_dates import local_date, working_day_on_or_after
from shared.programme.policy import Policy

MILESTONE: Final = "start"


def first_day(formed: TandemFormed) -> ScheduleTimer:
    """Wakes the tandem on its first day, together with what its vacancy and its organisation still miss."""
    return _on(formed, formed.starts_on)


def _on(formed: TandemFormed, day: date) -> ScheduleTimer:
    touches = entity_key("vacancy", formed.vacancy), entity_key("organisation", formed.organisation)
    return ScheduleTimer(entity_key("tandem", formed.tandem), MILESTONE, "first_day", "all", day, formed.zone, touches)


def begin(
    policy: Policy, tandem: Tandem, places: Sequence[Readiness], due: TimerDue, at: datetime
) -> Iterator[ExplorationStarted | EvaluationScheduled | StartWaiting | Effect]:
    """A search without output targets, while nothing of gates B and S is open. Until then: one word to the coordinator, a look each
    working day; the evaluation moves along.

    An organisation or a vacancy that was not heard of yet (late company) is not ready."""
    formed = tandem.formed
    if not formed or tandem.exploring_since:
        return
    ids = formed.tandem, formed.vacancy, formed.organisation, formed.expert
    if all(place.open == () for place in places):
        began = _began(tandem, due.day, local_date(at, formed.zone))
        yield ExplorationStarted(*ids, started_on=began)
        yield from evaluation.postpone_for_late_start(policy, tandem, began, at)
        return
    missing = tuple(sorted({item for place in places for item in place.open or ()}))
    if missing and not tandem.waits:
        yield StartWaiting(*ids, starts_on=formed.starts_on, missing_items=missing)
    tomorrow = max(due.day, local_date(at, formed.zone)) + timedelta(days=1)
    yield _on(formed, working_day_on_or_after(tomorrow, formed.language or policy.language))


def _began(tandem: Tandem, day: date, today: date) -> date:
    """On the day that the timer was for; after a pause that outlasted the day of the talk itself, today."""
    return today if tandem.evaluation and tandem.evaluation.on <= today else day
