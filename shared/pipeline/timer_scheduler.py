"""Timers in their table: set and dropped with the transaction that asks for it, let out when their morning has come."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from shared import clock
from shared.messages.envelope import Envelope, deterministic_uuid
from shared.pipeline.timers import CancelTimers, ScheduleTimer, TimerDue
from shared.postgres.named_queries import load_queries
from shared.postgres.pool import Connection
from shared.postgres.retry import retry_transient
from shared.runtime.component import Component

if TYPE_CHECKING:
    from shared.runtime.service import Service

SQL = load_queries(__file__)
TIMER_NAMESPACE = UUID("6f0b2a53-8a0e-5f60-9c3f-3d4f6a4e9b11")
POLL_INTERVAL = 0.25
PAGE_SIZE = 500
"""Most timers that are fired in one batch."""


async def schedule(db: Connection, asked: Sequence[tuple[Envelope[Any], ScheduleTimer | CancelTimers]]) -> None:
    """Sets and drops timers, in the order in which it was asked."""
    timers, dropped = _last_wins(asked)
    if dropped:
        await db.execute(SQL["cancel_timers"], *map(list, zip(*sorted(dropped), strict=True)))
    if timers:
        await db.execute(SQL["upsert_timers"], msgspec.json.encode([_row(*pair) for pair in timers]).decode())


def _last_wins(
    asked: Sequence[tuple[Envelope[Any], ScheduleTimer | CancelTimers]],
) -> tuple[list[tuple[Envelope[Any], ScheduleTimer]], set[tuple[str, str]]]:
    """What remains when all is asked: of each timer the last word, and a drop takes what was set before it in the batch."""
    chains = defaultdict[tuple[str, str], dict[tuple[str, str], tuple[Envelope[Any], ScheduleTimer]]](dict)
    dropped: set[tuple[str, str]] = set()
    for cause, effect in asked:
        chain = effect.subject, effect.milestone
        if isinstance(effect, ScheduleTimer):
            chains[chain][effect.step, effect.recipient] = cause, effect
        else:
            dropped.add(chain)
            chains.pop(chain, None)
    return [pair for chain in chains.values() for pair in chain.values()], dropped


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


def _row(cause: Envelope[Any], t: ScheduleTimer) -> _Row:
    return _Row(
        t.subject, t.milestone, t.step, t.recipient, t.day, t.due_at, t.related_keys, cause.id, cause.correlationid or cause.id
    )


async def fire_due_timers(service: "Service") -> None:
    """A worker: lets out what is due, four times a second. Any number of processes may do so; the inbox drops the doubles."""
    while await service.sleep_until_stop(POLL_INTERVAL):
        while await _fire_page(service) == PAGE_SIZE:
            pass


async def _fire_page(service: "Service") -> int:
    """Handles what is due and records it; a crash in between handles it again, under the same ids. Returns how many."""
    moment = clock.now()
    due = await retry_transient(lambda: service.pool.fetch(SQL["due_timers"], moment, PAGE_SIZE))
    if going := [row for row in due if not row["superseded"]]:
        await service.handle([_envelope(service.name, moment, row) for row in going], dead_letter_failures=True)
    if due:
        names = ("subject", "milestone", "step", "recipient", "revision", "superseded")
        settled = [[row[name] for row in due] for name in names]
        await retry_transient(lambda: service.pool.execute(SQL["complete_timers"], *settled))
    return len(due)


def _envelope(service: str, moment: datetime, row: Any) -> Envelope[TimerDue]:
    subject, milestone, step, recipient, day, revision, related_keys, cause, correlation, _ = row
    return Envelope(
        id=deterministic_uuid(TIMER_NAMESPACE, f"{service}/{subject}/{milestone}/{step}/{recipient}/{revision}"),
        source=f"/tandem/{service}",
        subject=subject,
        time=moment,
        causationid=cause,
        correlationid=correlation,
        data=TimerDue(
            subject=subject, milestone=milestone, step=step, recipient=recipient, day=day, related_keys=tuple(related_keys)
        ),
    )


TIMERS = Component(
    effect_handlers={ScheduleTimer: schedule, CancelTimers: schedule}, workers=[fire_due_timers], local_inputs=[TimerDue]
)
"""Timers as a component of a service: set by its decider, they return to it as `TimerDue`."""
