"""The fixed evaluation after three months: set by itself, moved with a reason, chased until it is held (R132). Pure."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final, cast
from uuid import UUID

from services.coaching.states import Tandem
from shared.dates import after_months, local_date
from shared.decider import Effect
from shared.messages.coaching import EvaluationCompleted, EvaluationDue, EvaluationScheduled, Stage
from shared.messages.envelope import key
from shared.messages.matching import TandemFormed
from shared.messages.notify import EvaluationHeld, EvaluationMoved
from shared.policy import Policy, working_day
from shared.timers import Timer, TimerDue, TimersDropped

MILESTONE: Final = "evaluation"
LATEST_MONTHS: Final = 6  # a talk that is put off for longer is no talk about the start any more


def schedule(policy: Policy, formed: TandemFormed, at: datetime) -> Iterator[EvaluationScheduled | Effect]:
    """Three calendar months after the first day, cut to the month's end, on the first working day from there; no hour yet."""
    on = working_day(after_months(formed.starts_on, policy.evaluation_months), formed.language or policy.language)
    yield EvaluationScheduled(*_of(formed), on=on, at=None, zone=formed.zone, sequence=0, moved_because=None)
    yield from _plan(policy, formed.tandem, on, formed.zone, local_date(at, formed.zone))


def move(policy: Policy, tandem: Tandem, told: EvaluationMoved, at: datetime) -> Iterator[EvaluationScheduled | Effect]:
    """To a day to come, within six months of the first day; the chain moves along, and nothing is sent for days already past."""
    formed, evaluation = tandem.formed, tandem.evaluation
    if not formed or not evaluation or evaluation.held_on or (told.to, told.at) == (evaluation.on, evaluation.at):
        return
    today = local_date(at, evaluation.zone)
    if not max(today, formed.starts_on) < told.to <= after_months(formed.starts_on, LATEST_MONTHS):
        return
    yield EvaluationScheduled(
        *_of(formed),
        on=told.to,
        at=told.at,
        zone=evaluation.zone,
        sequence=evaluation.sequence + 1,
        moved_because=told.reason,
    )
    yield TimersDropped(key("tandem", tandem.tandem), MILESTONE)
    yield from _plan(policy, tandem.tandem, told.to, evaluation.zone, today)


def _plan(policy: Policy, tandem: UUID, on: date, zone: str, today: date) -> Iterator[Timer]:
    """The steps of the chase plan that are still to come."""
    for step in policy.evaluation_chase:
        day = on + timedelta(days=step.days)
        if day > today:
            yield Timer(key("tandem", tandem), MILESTONE, step.stage, "all", day, zone)


def chase(policy: Policy, tandem: Tandem, due: TimerDue) -> Iterator[EvaluationDue]:
    """A step of the plan, if the talk was not held and the step is still of this day."""
    formed, evaluation = tandem.formed, tandem.evaluation
    if not formed or not evaluation or evaluation.held_on or not _agrees(policy, tandem, evaluation.on, due):
        return
    yield EvaluationDue(
        *_of(formed),
        stage=cast(Stage, due.step),
        on=evaluation.on,
        at=evaluation.at,
        zone=evaluation.zone,
        sequence=evaluation.sequence,
    )


def _agrees(policy: Policy, tandem: Tandem, on: date, due: TimerDue) -> bool:
    """Steps set under an earlier policy keep its days."""
    days = {step.stage: step.days for step in policy.evaluation_chase}
    return tandem.policy != policy.version or days.get(cast(Stage, due.step)) == (due.day - on).days


def held(tandem: Tandem, told: EvaluationHeld, at: datetime) -> Iterator[EvaluationCompleted | Effect]:
    """One side's word is enough; the talk was between the first day and today. The chase stops."""
    formed, evaluation = tandem.formed, tandem.evaluation
    if not formed or not evaluation or evaluation.held_on:
        return
    if formed.starts_on <= told.held_on <= local_date(at, evaluation.zone):
        yield EvaluationCompleted(*_of(formed), side=told.side, held_on=told.held_on)
        yield TimersDropped(key("tandem", tandem.tandem), MILESTONE)


def _of(formed: TandemFormed) -> tuple[UUID, UUID, UUID, UUID]:
    return formed.tandem, formed.vacancy, formed.organisation, formed.expert
