"""The fixed evaluation after three months: set by itself, moved with a reason, chased until it is held (R132). Pure."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Final, cast
from uuid import UUID

from services.coaching.domain.states import Tandem
from shared.messages.coaching import EvaluationCompleted, EvaluationDue, EvaluationScheduled, MoveReason, Stage
from shared.messages.envelope import entity_key
from shared.messages.matching import TandemFormed
from shared.messages.notify import EvaluationHeld, EvaluationMoved
from shared.pipeline.decider import Effect
from shared.pipeline.timers import CancelTimers, ScheduleTimer, TimerDue
from shared.programme.evaluation_window import may_be_held, may_move
from shared.programme.local_dates import add_months, local_date, working_day_on_or_after
from shared.programme.policy import Policy, ReminderStep

Follows = Iterator[EvaluationScheduled | Effect]

MIN_DAYS_BEFORE: Final = {"invitation": 1, "reminder_7": 2}
"""How many days must be left for a step that comes late, after a pause. Another step before the talk has but its own day."""


def schedule(policy: Policy, formed: TandemFormed, at: datetime) -> Follows:
    """Three calendar months after the first day, cut to the month's end, on the first working day from there; no hour yet."""
    on = _evaluation_date(policy, formed, formed.starts_on)
    yield EvaluationScheduled(*_of(formed), on=on, at=None, zone=formed.zone, sequence=0, move_reason=None)
    yield from _plan(policy.evaluation_reminders, formed.tandem, on, formed.zone, at)


def postpone_for_late_start(policy: Policy, tandem: Tandem, began: date, at: datetime) -> Follows:
    """A start that slips takes the talk along, unless it is as late already. The hour was one of the old day, and goes with it."""
    formed, evaluation = tandem.formed, tandem.evaluation
    if formed and evaluation and began > formed.starts_on and (on := _evaluation_date(policy, formed, began)) > evaluation.on:
        yield from _moved(policy, tandem, on, None, "start_slipped", at)


def move(policy: Policy, tandem: Tandem, told: EvaluationMoved, at: datetime) -> Follows:
    """To a day to come, within six months of the day on which they began; the same day and hour again is no move."""
    formed, evaluation = tandem.formed, tandem.evaluation
    if not formed or not evaluation or evaluation.held_on or (told.to, told.at) == (evaluation.on, evaluation.at):
        return
    if may_move(told.to, tandem.exploring_since or formed.starts_on, local_date(at, evaluation.zone)):
        yield from _moved(policy, tandem, told.to, told.at, told.reason, at)


def _moved(policy: Policy, tandem: Tandem, on: date, hour: time | None, because: MoveReason, at: datetime) -> Follows:
    """The chain moves with the day; who was invited is not invited again. Another hour on the same day leaves it as it is."""
    formed, was = tandem.formed, tandem.evaluation
    if not formed or not was:
        return
    yield EvaluationScheduled(*_of(formed), on=on, at=hour, zone=was.zone, sequence=was.sequence + 1, move_reason=because)
    if on != was.on:
        steps = [step for step in policy.evaluation_reminders if step.stage != "invitation" or not tandem.invited]
        yield CancelTimers(entity_key("tandem", tandem.tandem), _chain(was.on))
        yield from _plan(steps, tandem.tandem, on, was.zone, at)


def _evaluation_date(policy: Policy, formed: TandemFormed, first_day: date) -> date:
    return working_day_on_or_after(add_months(first_day, policy.evaluation_months), formed.language or policy.language)


def _plan(steps: Iterable[ReminderStep], tandem: UUID, on: date, zone: str, at: datetime) -> Iterator[ScheduleTimer]:
    """Those of these steps that are still to come."""
    for step in steps:
        timer = ScheduleTimer(entity_key("tandem", tandem), _chain(on), step.stage, "all", on + timedelta(days=step.days), zone)
        if timer.due_at > at:
            yield timer


def _chain(on: date) -> str:
    """Names the chain towards a talk on this day: so its steps know whether they still hold, whatever the policy says by then."""
    return f"evaluation/{on}"


def send_reminder(tandem: Tandem, due: TimerDue, at: datetime) -> Iterator[EvaluationDue]:
    """A step of the plan, if the pair has begun, the talk is still on that day and was not held, and the step is not too late."""
    formed, evaluation = tandem.formed, tandem.evaluation
    if not formed or not evaluation or evaluation.held_on or not tandem.exploring_since:
        return
    if due.milestone == _chain(evaluation.on) and _still_relevant(due, evaluation.on, local_date(at, evaluation.zone)):
        yield EvaluationDue(
            *_of(formed),
            stage=cast(Stage, due.step),
            on=evaluation.on,
            at=evaluation.at,
            zone=evaluation.zone,
            sequence=evaluation.sequence,
        )


def _still_relevant(due: TimerDue, on: date, today: date) -> bool:
    """After the talk a step may come late. Before it, words as "tomorrow" are true on the step's own day alone."""
    if due.day == today or due.day > on:
        return True
    return due.step in MIN_DAYS_BEFORE and (on - today).days >= MIN_DAYS_BEFORE[due.step]


def held(tandem: Tandem, told: EvaluationHeld, at: datetime) -> Iterator[EvaluationCompleted | Effect]:
    """One side's word is enough, and the first word counts: from four weeks after they began until today. The chase stops."""
    formed, evaluation, began = tandem.formed, tandem.evaluation, tandem.exploring_since
    if not formed or not evaluation or evaluation.held_on or not began:
        return
    if may_be_held(told.held_on, began, local_date(at, evaluation.zone)):
        yield EvaluationCompleted(*_of(formed), side=told.side, held_on=told.held_on)
        yield CancelTimers(entity_key("tandem", tandem.tandem), _chain(evaluation.on))


def _of(formed: TandemFormed) -> tuple[UUID, UUID, UUID, UUID]:
    return formed.tandem, formed.vacancy, formed.organisation, formed.expert
