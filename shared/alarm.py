"""Timers in their table: set and dropped with the transaction that asks for it, let out when their morning has come."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from shared import clock
from shared.database import Connection, patiently
from shared.decider import Effect
from shared.messages.envelope import Envelope, derived
from shared.sql import queries
from shared.timers import Timer, TimerDue, TimersDropped

if TYPE_CHECKING:
    from shared.runner import Sink
    from shared.service import Service

SQL = queries(__file__)
ROOT = UUID("6f0b2a53-8a0e-5f60-9c3f-3d4f6a4e9b11")
LOOK = 0.25
MOST = 500
"""As many as `due_timers` gives at a time."""


async def put(db: Connection, asked: Sequence[tuple[Envelope[Any], Timer | TimersDropped]]) -> None:
    """Sets and drops timers, in the order in which it was asked."""
    timers, dropped = _folded(asked)
    if dropped:
        await db.execute(SQL["drop_timers"], *map(list, zip(*sorted(dropped), strict=True)))
    if timers:
        await db.execute(SQL["put_timers"], msgspec.json.encode([_row(*pair) for pair in timers]).decode())


SINKS: Mapping[type[Effect], "Sink"] = {Timer: put, TimersDropped: put}


def _folded(
    asked: Sequence[tuple[Envelope[Any], Timer | TimersDropped]],
) -> tuple[list[tuple[Envelope[Any], Timer]], set[tuple[str, str]]]:
    """What remains when all is asked: of each timer the last word, and a drop takes what was set before it in the batch."""
    chains = defaultdict[tuple[str, str], dict[tuple[str, str], tuple[Envelope[Any], Timer]]](dict)
    dropped: set[tuple[str, str]] = set()
    for cause, effect in asked:
        chain = effect.about, effect.milestone
        if isinstance(effect, Timer):
            chains[chain][effect.step, effect.recipient] = cause, effect
        else:
            dropped.add(chain)
            chains.pop(chain, None)
    return [pair for chain in chains.values() for pair in chain.values()], dropped


class _Row(msgspec.Struct):
    about: str
    milestone: str
    step: str
    recipient: str
    day: date
    due: datetime
    touches: tuple[str, ...]
    cause: UUID
    correlation: UUID


def _row(cause: Envelope[Any], t: Timer) -> _Row:
    return _Row(t.about, t.milestone, t.step, t.recipient, t.day, t.due, t.touches, cause.id, cause.correlationid or cause.id)


async def watch(service: "Service") -> None:
    """A worker: lets out what is due, four times a second. Any number of processes may do so; the inbox drops the doubles."""
    while await service.pause(LOOK):
        while await _let_out(service) == MOST:
            pass


async def _let_out(service: "Service") -> int:
    """Handles what is due and records it; a crash in between handles it again, under the same ids. Returns how many."""
    moment = clock.now()
    due = await patiently(lambda: service.pool.fetch(SQL["due_timers"], moment))
    if going := [row for row in due if not row["overtaken"]]:
        await service.handle([_envelope(service.name, moment, row) for row in going], park=True)
    if due:
        names = ("about", "milestone", "step", "recipient", "revision", "overtaken")
        settled = [[row[name] for row in due] for name in names]
        await patiently(lambda: service.pool.execute(SQL["settle_timers"], *settled))
    return len(due)


def _envelope(service: str, moment: datetime, row: Any) -> Envelope[TimerDue]:
    about, milestone, step, recipient, day, revision, touches, cause, correlation, _ = row
    return Envelope(
        id=derived(ROOT, f"{service}/{about}/{milestone}/{step}/{recipient}/{revision}"),
        source=f"/tandem/{service}",
        subject=about,
        time=moment,
        causationid=cause,
        correlationid=correlation,
        data=TimerDue(about=about, milestone=milestone, step=step, recipient=recipient, day=day, touches=tuple(touches)),
    )
