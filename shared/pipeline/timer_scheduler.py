"""Stores timers in the transaction that schedules or cancels them, and fires them when they are due."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from shared import clock
from shared.messages.envelope import Envelope
from shared.messages.ids import deterministic_uuid
from shared.pipeline.component import Component, WorkerContext
from shared.pipeline.timers import CancelTimers, ScheduleTimer, TimerDue
from shared.postgres.named_queries import load_queries
from shared.postgres.pool import Connection
from shared.postgres.retry import retry_transient

E = TypeVar("E")
Caused: TypeAlias = tuple[Envelope[Any], E]
"""An effect with its cause."""
SQL = load_queries(__file__)
TIMER_NAMESPACE = UUID("6f0b2a53-8a0e-5f60-9c3f-3d4f6a4e9b11")
POLL_INTERVAL = 0.25
PAGE_SIZE = 500
"""Maximum number of timers that are fired in one batch."""


async def schedule(db: Connection, effects: Sequence[Caused[ScheduleTimer | CancelTimers]]) -> None:
    """Effect handler: schedule and cancel timers, as if one effect after the other."""
    timers, cancelled = last_wins(effects)
    if cancelled:
        await db.execute(SQL["cancel_timers"], *map(list, zip(*sorted(cancelled), strict=True)))
    if timers:
        await db.execute(SQL["upsert_timers"], msgspec.json.encode([_row(*caused) for caused in timers]).decode())


def last_wins(
    effects: Sequence[Caused[ScheduleTimer | CancelTimers]],
) -> tuple[list[Caused[ScheduleTimer]], set[tuple[str, str]]]:
    """Return the timers that remain scheduled, and the milestones (subject, milestone) to cancel before scheduling them.

    The last effect on a timer wins; a cancellation also removes what the batch scheduled before it.
    """
    milestones = defaultdict[tuple[str, str], dict[tuple[str, str], Caused[ScheduleTimer]]](dict)
    cancelled: set[tuple[str, str]] = set()
    for cause, effect in effects:
        milestone = effect.subject, effect.milestone
        if isinstance(effect, ScheduleTimer):
            milestones[milestone][effect.step, effect.recipient] = cause, effect
        else:
            cancelled.add(milestone)
            milestones.pop(milestone, None)
    return [caused for timers in milestones.values() for caused in timers.values()], cancelled


class _Row(msgspec.Struct):
    subject: str
    milestone: str
    step: str
    recipient: str
    day: date
    due_at: datetime
    related_keys: tuple[str, ...]
    cause_id: UUID
    correlation_id: UUID


def _row(cause: Envelope[Any], timer: ScheduleTimer) -> _Row:
    return _Row(
        subject=timer.subject,
        milestone=timer.milestone,
        step=timer.step,
        recipient=timer.recipient,
        day=timer.day,
        due_at=timer.due_at,
        related_keys=timer.related_keys,
        cause_id=cause.id,
        correlation_id=cause.correlationid or cause.id,
    )


async def fire_due_timers(service: WorkerContext) -> None:
    """Worker: fire due timers. Safe to run in several processes: the ids are deterministic, and the inbox drops duplicates."""
    while await service.sleep_until_stop(POLL_INTERVAL):
        while await _fire_page(service) == PAGE_SIZE:
            pass


async def _fire_page(service: WorkerContext) -> int:
    """Process a page of due timers, then complete them; return its size. A crash in between fires them again under the same ids."""
    now = clock.now()
    due = await retry_transient(lambda: service.pool.fetch(SQL["fetch_due_timers"], now, PAGE_SIZE))
    if firing := [_envelope(service.name, now, row) for row in due if not row["superseded"]]:
        await service.handle(firing, dead_letter_failures=True)
    if due:
        columns = ("subject", "milestone", "step", "recipient", "revision", "superseded")
        values = [[row[column] for row in due] for column in columns]
        await retry_transient(lambda: service.pool.execute(SQL["complete_timers"], *values))
    return len(due)


def _envelope(service: str, now: datetime, row: asyncpg.Record) -> Envelope[TimerDue]:
    data = TimerDue(
        subject=row["subject"],
        milestone=row["milestone"],
        step=row["step"],
        recipient=row["recipient"],
        day=row["day"],
        related_keys=tuple(row["related_keys"]),
    )
    name = f"{service}/{data.subject}/{data.milestone}/{data.step}/{data.recipient}/{row['revision']}"
    return Envelope(
        id=deterministic_uuid(TIMER_NAMESPACE, name),
        source=f"/tandem/{service}",
        subject=data.subject,
        time=now,
        causationid=row["cause_id"],
        correlationid=row["correlation_id"],
        data=data,
    )


TIMERS = Component(
    effect_handlers={ScheduleTimer: schedule, CancelTimers: schedule}, workers=[fire_due_timers], local_inputs=[TimerDue]
)
"""Timers as a component of a service: its decider schedules them, and they return to it as `TimerDue`."""
