"""The fixed evaluation after three months: scheduled, moved with a reason, with reminders until it is held (R132). Pure.

Each date of the evaluation is a milestone with its own timers, named after it: a timer of a former date is recognised and ignored,
and a change of the policy does not affect timers that are scheduled.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Final, cast
from uuid import UUID

from services.coaching.domain import refusals
from services.coaching.domain.inputs import Output
from services.coaching.domain.tandem import Tandem
from shared.messages.coaching import EvaluationCompleted, EvaluationDue, EvaluationScheduled, MoveReason, Stage
from shared.messages.envelope import Envelope
from shared.messages.ids import entity_key
from shared.messages.matching import TandemFormed
from shared.messages.notify import EvaluationHeld, EvaluationMoved, ReplyReceived
from shared.pipeline.timers import CancelTimers, ScheduleTimer, TimerDue
from shared.programme.local_dates import add_months, local_date, working_day_on_or_after, working_day_on_or_before
from shared.programme.policy import Policy, ReminderStep

MIN_DAYS_BEFORE: Final = {"invitation": 1, "reminder_7": 2, "reminder_1": 1}
"""Days that must be left until the evaluation if a step fires late, after downtime; with fewer left it is skipped."""


def schedule(policy: Policy, formed: TandemFormed, now: datetime) -> Iterator[Output]:
    """Schedule the evaluation of a new tandem, without a time of day, and its reminders."""
    on = _evaluation_date(policy, formed, formed.starts_on)
    yield EvaluationScheduled(*tandem_ids(formed), on=on, at=None, zone=formed.zone, sequence=0, move_reason=None)
    yield from _reminder_timers(policy, policy.evaluation_reminders, formed, on, formed.zone, now)


def postpone_for_late_start(policy: Policy, tandem: Tandem, started_on: date, now: datetime) -> Iterator[Output]:
    """Move the evaluation after a late start, unless it is late enough already. It then has no time of day."""
    formed, evaluation = tandem.formed, tandem.evaluation
    if not formed or not evaluation or started_on <= formed.starts_on:
        return
    on = _evaluation_date(policy, formed, started_on)
    if on > evaluation.on:
        yield from _move(policy, tandem, on, None, "start_slipped", now)


def move(policy: Policy, tandem: Tandem, moved: EvaluationMoved, incoming: Envelope[ReplyReceived]) -> Iterator[Output]:
    """Move the evaluation to the date and time that a side asks for, or refuse it with a reason. It may be there already."""
    today, now = _today(tandem, incoming.time), incoming.time
    if reason := refusals.of_move(tandem, incoming.data.role, moved, today):
        yield refusals.refuse(moved, reason, refusals.allowed_days(tandem, moved, today), incoming)
    elif tandem.evaluation and (moved.to, moved.at) != (tandem.evaluation.on, tandem.evaluation.at):
        yield from _move(policy, tandem, moved.to, moved.at, moved.reason, now)


def _today(tandem: Tandem, now: datetime) -> date:
    """Return the tandem's local date; that of UTC if the tandem is not known, because its replies are refused anyway."""
    return local_date(now, tandem.evaluation.zone if tandem.evaluation else "UTC")


def _move(policy: Policy, tandem: Tandem, on: date, at: time | None, reason: MoveReason, now: datetime) -> Iterator[Output]:
    """Reschedule the evaluation, and its reminders if the date changes. People who were invited are not invited again."""
    formed, before = tandem.formed, tandem.evaluation
    if not formed or not before:
        return
    sequence = before.sequence + 1
    yield EvaluationScheduled(*tandem_ids(formed), on=on, at=at, zone=before.zone, sequence=sequence, move_reason=reason)
    if on != before.on:
        steps = [step for step in policy.evaluation_reminders if step.stage != "invitation" or not tandem.invited]
        yield CancelTimers(entity_key("tandem", tandem.tandem), _milestone(before.on))
        yield from _reminder_timers(policy, steps, formed, on, before.zone, now)


def _evaluation_date(policy: Policy, formed: TandemFormed, first_day: date) -> date:
    """Return the evaluation's date, by the calendar of the organisation's country.

    It is the first working day on or after the date three calendar months after the first working day."""
    return working_day_on_or_after(add_months(first_day, policy.evaluation_months), formed.language or policy.language)


def _reminder_timers(
    policy: Policy, steps: Iterable[ReminderStep], formed: TandemFormed, on: date, zone: str, now: datetime
) -> Iterator[ScheduleTimer]:
    """Yield a timer for each step that is still to come. One before the evaluation falls on a working day, so that it is read."""
    for step in steps:
        day = on + timedelta(days=step.days)
        if step.days < 0:
            day = working_day_on_or_before(day, formed.language or policy.language)
        timer = ScheduleTimer(entity_key("tandem", formed.tandem), _milestone(on), step.stage, "all", day, zone)
        if timer.due_at > now:
            yield timer


def _milestone(on: date) -> str:
    return f"evaluation/{on}"


def send_reminder(tandem: Tandem, due: TimerDue, now: datetime) -> Iterator[Output]:
    """Send a step of the reminder plan if the tandem has started, the evaluation is still on that date, and it is not too late."""
    formed, evaluation = tandem.formed, tandem.evaluation
    if not formed or not evaluation or evaluation.held_on or not tandem.exploring_since:
        return
    if due.milestone == _milestone(evaluation.on) and _still_relevant(due, evaluation.on, local_date(now, evaluation.zone)):
        yield EvaluationDue(
            *tandem_ids(formed),
            stage=cast(Stage, due.step),
            on=evaluation.on,
            at=evaluation.at,
            zone=evaluation.zone,
            sequence=evaluation.sequence,
        )


def _still_relevant(due: TimerDue, on: date, today: date) -> bool:
    """Return True if the step may be sent today.

    A step after the evaluation may be late. The text of one before it is true as long as enough days are left."""
    if due.day == today or due.day > on:
        return True
    return due.step in MIN_DAYS_BEFORE and (on - today).days >= MIN_DAYS_BEFORE[due.step]


def complete(tandem: Tandem, held: EvaluationHeld, incoming: Envelope[ReplyReceived]) -> Iterator[Output]:
    """Complete the evaluation on the first valid report of either side and cancel its reminders, or refuse with a reason.

    A later report of the same day is known already, and changes nothing."""
    if tandem.evaluation and tandem.evaluation.held_on == held.held_on:
        return
    today = _today(tandem, incoming.time)
    if reason := refusals.of_held(tandem, incoming.data.role, held, today):
        yield refusals.refuse(held, reason, refusals.allowed_days(tandem, held, today), incoming)
    elif tandem.formed and tandem.evaluation:
        yield EvaluationCompleted(*tandem_ids(tandem.formed), side=held.side, held_on=held.held_on)
        yield CancelTimers(entity_key("tandem", tandem.tandem), _milestone(tandem.evaluation.on))


def tandem_ids(formed: TandemFormed) -> tuple[UUID, UUID, UUID, UUID]:
    """Return the ids that every message about the tandem begins with."""
    return formed.tandem, formed.vacancy, formed.organisation, formed.expert
