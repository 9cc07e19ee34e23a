"""Processes a batch in one transaction: claim, lock, load, decide, save, insert into the outbox. No other code changes a state."""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import asyncpg

from shared.error_text import safe_error_text
from shared.errors import FatalError, NotProvisioned, TransientErrorInDecider, WiringError
from shared.kafka.incoming import Failed, Incoming, Received
from shared.kafka.topology import Topology
from shared.messages.envelope import Envelope, Message
from shared.messages.serialization import OutboundRecord, serialize_outputs
from shared.pipeline import dead_letters, inbox, outbox
from shared.pipeline.decider import Decider, Effect, step
from shared.postgres.key_locks import lock_keys
from shared.postgres.pool import Connection
from shared.postgres.transient_errors import TRANSIENT_ERRORS

S = TypeVar("S")
EffectHandler = Callable[[Connection, Sequence[tuple[Envelope[Any], Any]]], Awaitable[None]]
"""Writes the effects of a batch in its transaction, as (cause, effect) pairs in order. It may serve several effect types."""


class StateStore(Protocol[S]):
    """The table of one kind of state, whose entity keys begin with `prefix`."""

    prefix: str

    async def load(self, db: Connection, keys: Sequence[str]) -> Mapping[str, S]:
        """Return the states that exist, by entity key."""
        ...

    async def save(self, db: Connection, changed: Mapping[str, S]) -> None:
        """Insert or update these states."""
        ...


@dataclass(frozen=True, slots=True)
class Runner:
    """Executor of the decider of the service `name`, which also seeds its key locks."""

    name: str
    decider: Decider[Any]
    stores: Sequence[StateStore[Any]]
    effect_handlers: Mapping[type[Effect], EffectHandler]

    async def process(self, db: Connection, topology: Topology, batch: Sequence[Incoming]) -> None:
        """Process the unprocessed messages of the batch. Failed and undecodable ones become dead letters, with those they block.

        Raises what a decider raises, `UndeclaredSubject`, `MessageTooLarge`, `UnknownTopic`, `NotProvisioned` if the service does
        not match its tables, and `WiringError`; then nothing of the batch has happened.
        """
        async with self._transaction(db):
            unprocessed, has_dead_letters = await inbox.claim(db, topology, batch)
            if not unprocessed:
                return
            await lock_keys(db, self.name, {key for i in unprocessed for key in dead_letters.keys_of(self.decider, i)})
            received = [i for i in unprocessed if isinstance(i, Received)]
            if has_dead_letters or len(received) < len(unprocessed):
                received = await dead_letters.store_dead_letters(db, self.decider, unprocessed)
            await self._decide_and_save(db, topology, [i.envelope for i in received])

    async def replay(self, db: Connection, topology: Topology, id: int, envelope: Envelope[Any] | None) -> None:
        """Process a dead letter again, unless another process has done so. Raises what `process` raises."""
        async with self._transaction(db):
            if await dead_letters.delete_for_replay(db, id) and envelope:
                await lock_keys(db, self.name, self.decider.keys(envelope.data))
                await self._decide_and_save(db, topology, [envelope])

    @asynccontextmanager
    async def _transaction(self, db: Connection) -> AsyncIterator[None]:
        try:
            async with db.transaction():
                yield
        except asyncpg.SyntaxOrAccessError as error:
            raise NotProvisioned(f"{self.name} does not match its tables: {error.args[0]}; run `tandem db migrate`") from error

    async def _decide_and_save(self, db: Connection, topology: Topology, envelopes: Sequence[Envelope[Any]]) -> None:
        """Decide all messages in order. The caller must hold the locks of their keys."""
        before = await self._load(db, {key for envelope in envelopes for key in self.decider.keys(envelope.data)})
        states, outgoing = dict(before), list[OutboundRecord]()
        effects = defaultdict[EffectHandler, list[tuple[Envelope[Any], Effect]]](list)
        for envelope in envelopes:
            messages, effects_of_message = self._step(states, envelope)
            outgoing += serialize_outputs(envelope, messages)
            for effect in effects_of_message:
                effects[self._handler_for(effect)].append((envelope, effect))
        await self._save(db, {key: s for key, s in states.items() if s is not before[key] and s != before[key]})
        for handler, pairs in effects.items():
            await handler(db, pairs)
        if outgoing:
            await outbox.insert(db, outbox.group_by_partition(outgoing, topology))

    def _step(self, states: dict[str, Any], envelope: Envelope[Any]) -> tuple[list[Message], list[Effect]]:
        try:
            return step(self.decider, states, envelope)
        except TRANSIENT_ERRORS as error:
            raise TransientErrorInDecider(f"a decider raised {type(error).__name__}, {safe_error_text(error)}") from error

    def _handler_for(self, effect: Effect) -> EffectHandler:
        if handler := self.effect_handlers.get(type(effect)):
            return handler
        raise WiringError(f"{self.name} has no effect handler for {type(effect).__name__}")

    async def _load(self, db: Connection, keys: set[str]) -> dict[str, Any]:
        """Return the state of each key: the initial state if there is no row, or no store for its prefix."""
        found: dict[str, Any] = {}
        for prefix, prefix_keys in _by_prefix(keys).items():
            if store := self._store_for(prefix):
                found |= await store.load(db, prefix_keys)
        return {key: found[key] if key in found else self.decider.initial_state(key) for key in keys}

    async def _save(self, db: Connection, changed: Mapping[str, Any]) -> None:
        for prefix, prefix_keys in _by_prefix(changed).items():
            if not (store := self._store_for(prefix)):
                raise WiringError(f"{self.name} has no store for the state of a {prefix}")
            await store.save(db, {key: changed[key] for key in prefix_keys})

    def _store_for(self, prefix: str) -> StateStore[Any] | None:
        return next((store for store in self.stores if store.prefix == prefix), None)


def _by_prefix(keys: Iterable[str]) -> dict[str, list[str]]:
    """Group keys by prefix, sorted, so that concurrent transactions touch rows in the same order."""
    groups = defaultdict[str, list[str]](list)
    for key in sorted(keys):
        groups[key.partition("/")[0]].append(key)
    return groups


async def process_or_bisect(process: Callable[[Sequence[Incoming]], Awaitable[None]], batch: Sequence[Incoming]) -> None:
    """Process the batch. If that fails, bisect it down to the messages that fail; each of these becomes a dead letter.

    Raises fatal errors, and the error of a message that cannot even be stored as a dead letter.
    """
    try:
        await process(batch)
    except FatalError:
        raise
    except Exception as error:
        if len(batch) > 1:
            middle = len(batch) // 2
            await process_or_bisect(process, batch[:middle])
            await process_or_bisect(process, batch[middle:])
        elif isinstance(received := batch[0], Received):
            await process([Failed(received.received_at, received.envelope, received.record, error)])
        else:
            raise
