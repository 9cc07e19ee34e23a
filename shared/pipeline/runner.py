"""One batch, one transaction: positions, claim, lock, load, decide, save, add. There is no other way to change a state."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import asyncpg

from shared.error_text import safe_error_text
from shared.errors import TRANSIENT_ERRORS, DeciderFailed, FatalError, NotProvisioned
from shared.messages.envelope import Envelope, Message, OutboundRecord, serialize_outputs
from shared.pipeline import dead_letters, inbox, outbox
from shared.pipeline.decider import Decider, Effect, step
from shared.pipeline.inbox import Incoming, Topology
from shared.postgres.key_locks import lock_keys
from shared.postgres.pool import Connection

S = TypeVar("S")
EffectHandler = Callable[[Connection, Sequence[tuple[Envelope[Any], Any]]], Awaitable[None]]
"""Writes (cause, effect) pairs, in their order, in the batch's own transaction. It gets the effects of all types that name it."""


class StateStore(Protocol[S]):
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
    stores: Sequence[StateStore[Any]]
    effect_handlers: Mapping[type[Effect], EffectHandler]

    async def handle(self, db: Connection, topics: Topology, batch: Sequence[Incoming]) -> None:
        """Handles the batch once, however often it is given. What cannot be read is parked, with all that must stand behind it.

        Raises what a rule raises, `SaidOutOfTurn`, `Oversized`, `NoSuchTopic`; nothing of the batch has happened then. Raises
        `NotPrepared` where the service itself does not fit its tables.
        """
        try:
            await self._handle(db, topics, batch)
        except asyncpg.SyntaxOrAccessError as error:
            raise NotProvisioned(f"{self.name} and its tables do not fit: {error.args[0]}; run `tandem db migrate`") from error

    async def _handle(self, db: Connection, topics: Topology, batch: Sequence[Incoming]) -> None:
        async with db.transaction():
            if batch[0].parked is None:
                fresh, anything_parked = await inbox.claim(db, topics, batch)
            else:
                fresh, anything_parked = await dead_letters.take_for_replay(db, batch), False
            if not fresh:
                return
            await lock_keys(db, self.name, {key for a in fresh for key in dead_letters.keys_of(self.decider, a)})
            if anything_parked or any(a.error for a in fresh):
                fresh = await dead_letters.divert_blocked(db, self.decider, fresh)
            await self._settle(db, topics, [a.envelope for a in fresh if a.envelope])

    async def _settle(self, db: Connection, topics: Topology, heard: Sequence[Envelope[Any]]) -> None:
        before = await self._load(db, {key for envelope in heard for key in self.decider.keys(envelope.data)})
        states, said, effects = (
            dict(before),
            list[OutboundRecord](),
            defaultdict[EffectHandler, list[tuple[Envelope[Any], Effect]]](list),
        )
        for envelope in heard:
            follows, asked = self._step(states, envelope)
            said += serialize_outputs(envelope, follows)
            for effect in asked:
                effects[self._sink(effect)].append((envelope, effect))
        await self._save(db, {key: s for key, s in states.items() if s is not before[key] and s != before[key]})
        for sink, pairs in effects.items():
            await sink(db, pairs)
        if said:
            await outbox.insert(db, outbox.group_by_partition(said, topics))

    def _step(self, states: dict[str, Any], envelope: Envelope[Any]) -> tuple[list[Message], list[Effect]]:
        try:
            return step(self.decider, states, envelope)
        except TRANSIENT_ERRORS as error:
            raise DeciderFailed(f"a rule raised {type(error).__name__}, {safe_error_text(error)}") from error

    def _sink(self, effect: Effect) -> EffectHandler:
        if sink := self.effect_handlers.get(type(effect)):
            return sink
        raise NotProvisioned(f"{self.name} has nowhere to put a {type(effect).__name__}")

    async def _load(self, db: Connection, keys: set[str]) -> dict[str, Any]:
        """The state of each key; of one that has no row, or of a kind that nobody keeps, the initial state."""
        found: dict[str, Any] = {}
        for prefix, mine in _by_prefix(keys).items():
            if rows := self._kept(prefix):
                found |= await rows.load(db, mine)
        return {key: found[key] if key in found else self.decider.initial_state(key) for key in keys}

    async def _save(self, db: Connection, changed: Mapping[str, Any]) -> None:
        for prefix, mine in _by_prefix(changed).items():
            if not (rows := self._kept(prefix)):
                raise NotProvisioned(f"{self.name} has no table for what became of a {prefix}")
            await rows.save(db, {key: changed[key] for key in mine})

    def _kept(self, prefix: str) -> StateStore[Any] | None:
        return next((rows for rows in self.stores if rows.prefix == prefix), None)


def _by_prefix(keys: Any) -> dict[str, list[str]]:
    """The keys by their kind of state, sorted, so that statements touch rows in one order."""
    kinds = defaultdict[str, list[str]](list)
    for key in sorted(keys):
        kinds[key.partition("/")[0]].append(key)
    return kinds


async def process_or_bisect(attempt: Callable[[Sequence[Incoming]], Awaitable[None]], batch: Sequence[Incoming]) -> None:
    """Handles the batch; what cannot be handled is found by halving, and parked alone.

    Raises where even parking fails, and at once what is wrong with the whole service.
    """
    try:
        await attempt(batch)
    except FatalError:
        raise
    except Exception as error:
        if len(batch) > 1:
            middle = len(batch) // 2
            await process_or_bisect(attempt, batch[:middle])
            await process_or_bisect(attempt, batch[middle:])
        elif batch[0].error is None:
            await attempt([batch[0]._replace(error=error)])
        else:
            raise
