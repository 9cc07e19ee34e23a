"""One batch, one transaction: positions, claim, lock, load, decide, save, add. There is no other way to change a state."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import asyncpg

from shared import inbox, outbox, parking
from shared.database import Connection, lock
from shared.decider import Decider, Effect, step
from shared.errors import OUTAGES, WHOLE, NotPrepared, RuleFailed, told
from shared.inbox import Arrived, Topics
from shared.messages.envelope import Envelope, Message, Sealed, seal

S = TypeVar("S")
Sink = Callable[[Connection, Sequence[tuple[Envelope[Any], Any]]], Awaitable[None]]
"""Writes (cause, effect) pairs, in their order, in the batch's own transaction. It gets the effects of all types that name it."""


class Rows(Protocol[S]):
    """One kind of state in its table: `organisation` for the keys `organisation/<uuid>`."""

    prefix: str

    async def load(self, db: Connection, keys: Sequence[str]) -> Mapping[str, S]:
        """The states that exist, by key."""
        ...

    async def save(self, db: Connection, changed: Mapping[str, S]) -> None:
        """All of them at once, new or known."""
        ...


@dataclass(frozen=True, slots=True)
class Runner:
    """A service's rules with the tables of its states and effects. `name` is the service's: its locks are its own."""

    name: str
    decider: Decider[Any]
    rows: Sequence[Rows[Any]]
    sinks: Mapping[type[Effect], Sink]

    async def handle(self, db: Connection, topics: Topics, batch: Sequence[Arrived]) -> None:
        """Handles the batch once, however often it is given. What cannot be read is parked, with all that must stand behind it.

        Raises what a rule raises, `SaidOutOfTurn`, `Oversized`, `NoSuchTopic`; nothing of the batch has happened then. Raises
        `NotPrepared` where the service itself does not fit its tables.
        """
        try:
            await self._handle(db, topics, batch)
        except asyncpg.SyntaxOrAccessError as error:
            raise NotPrepared(f"{self.name} and its tables do not fit: {error.args[0]}; run `tandem db migrate`") from error

    async def _handle(self, db: Connection, topics: Topics, batch: Sequence[Arrived]) -> None:
        async with db.transaction():
            if batch[0].parked is None:
                fresh, anything_parked = await inbox.claim(db, topics, batch)
            else:
                fresh, anything_parked = await parking.unpark(db, batch), False
            if not fresh:
                return
            await lock(db, self.name, {key for a in fresh for key in parking.keys_of(self.decider, a)})
            if anything_parked or any(a.error for a in fresh):
                fresh = await parking.hold(db, self.decider, fresh)
            await self._settle(db, topics, [a.envelope for a in fresh if a.envelope])

    async def _settle(self, db: Connection, topics: Topics, heard: Sequence[Envelope[Any]]) -> None:
        before = await self._load(db, {key for envelope in heard for key in self.decider.keys(envelope.data)})
        states, said, effects = dict(before), list[Sealed](), defaultdict[Sink, list[tuple[Envelope[Any], Effect]]](list)
        for envelope in heard:
            follows, asked = self._step(states, envelope)
            said += seal(envelope, follows)
            for effect in asked:
                effects[self._sink(effect)].append((envelope, effect))
        await self._save(db, {key: s for key, s in states.items() if s is not before[key] and s != before[key]})
        for sink, pairs in effects.items():
            await sink(db, pairs)
        if said:
            await outbox.add(db, outbox.pack(said, topics))

    def _step(self, states: dict[str, Any], envelope: Envelope[Any]) -> tuple[list[Message], list[Effect]]:
        try:
            return step(self.decider, states, envelope)
        except OUTAGES as error:
            raise RuleFailed(f"a rule raised {type(error).__name__}, {told(error)}") from error

    def _sink(self, effect: Effect) -> Sink:
        if sink := self.sinks.get(type(effect)):
            return sink
        raise NotPrepared(f"{self.name} has nowhere to put a {type(effect).__name__}")

    async def _load(self, db: Connection, keys: set[str]) -> dict[str, Any]:
        """The state of each key; of one that has no row, or of a kind that nobody keeps, the initial state."""
        found: dict[str, Any] = {}
        for prefix, mine in _by_prefix(keys).items():
            if rows := self._kept(prefix):
                found |= await rows.load(db, mine)
        return {key: found[key] if key in found else self.decider.initial(key) for key in keys}

    async def _save(self, db: Connection, changed: Mapping[str, Any]) -> None:
        for prefix, mine in _by_prefix(changed).items():
            if not (rows := self._kept(prefix)):
                raise NotPrepared(f"{self.name} has no table for what became of a {prefix}")
            await rows.save(db, {key: changed[key] for key in mine})

    def _kept(self, prefix: str) -> Rows[Any] | None:
        return next((rows for rows in self.rows if rows.prefix == prefix), None)


def _by_prefix(keys: Any) -> dict[str, list[str]]:
    """The keys by their kind of state, sorted, so that statements touch rows in one order."""
    kinds = defaultdict[str, list[str]](list)
    for key in sorted(keys):
        kinds[key.partition("/")[0]].append(key)
    return kinds


async def through(attempt: Callable[[Sequence[Arrived]], Awaitable[None]], batch: Sequence[Arrived]) -> None:
    """Handles the batch; what cannot be handled is found by halving, and parked alone.

    Raises where even parking fails, and at once what is wrong with the whole service.
    """
    try:
        await attempt(batch)
    except WHOLE:
        raise
    except Exception as error:
        if len(batch) > 1:
            middle = len(batch) // 2
            await through(attempt, batch[:middle])
            await through(attempt, batch[middle:])
        elif batch[0].error is None:
            await attempt([batch[0]._replace(error=error)])
        else:
            raise
