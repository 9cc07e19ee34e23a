"""Bugs in the pipeline, each seeded into a process of its own. The checker must detect every one of them."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from aiokafka import TopicPartition
from asyncpg.transaction import Transaction

from shared.pipeline import outbox, relay, relay_pacing, runner
from shared.pipeline.outbox import OutboxBatch, PendingBatch
from shared.pipeline.relay import Relay
from tests.fault_injection.launcher.patching import replace

SLOW_POLL_INTERVAL = 0.3
PUBLISH_LEAD = 0.2
"""Seconds from publishing too early to the insert."""
RACE_WINDOW = 0.02
"""Seconds that a transaction without key locks stays open after its states were loaded and saved."""
_relays = list[Relay]()


def _remember_relays() -> None:
    original: Any = Relay.__init__

    def init(self: Relay, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        _relays.append(self)

    replace(Relay, "__init__", init)


async def _publish(batch: OutboxBatch) -> None:
    producer = _relays[0].producer
    for record_batch, _ in relay.build_record_batches(producer, [PendingBatch(0, batch.keys, batch.payloads)]):
        await (await producer.send_batch(record_batch, batch.topic, partition=batch.partition))


def publish_before_commit() -> None:
    """Publish outgoing messages while their transaction is still open."""
    _remember_relays()
    original = outbox.insert

    async def insert(db: Any, batches: list[OutboxBatch]) -> None:
        await asyncio.gather(*map(_publish, batches))
        await asyncio.sleep(PUBLISH_LEAD)
        await original(db, batches)

    replace(outbox, "insert", insert)


def hand_over_from_memory() -> None:
    """Publish batches right after their commit if no other is in flight for the partition; the relay polls slowly for the rest."""
    _remember_relays()
    replace(relay_pacing, "MAX_POLL_INTERVAL", 5 * SLOW_POLL_INTERVAL)
    replace(relay_pacing, "POLL_INTERVAL", SLOW_POLL_INTERVAL)
    replace(Relay, "wake", lambda self: None)
    insert, leave = outbox.insert, Transaction.__aexit__
    in_flight = dict[TopicPartition, asyncio.Task[None]]()
    inserted = dict[Any, list[OutboxBatch]]()

    async def remember_inserted(db: Any, batches: list[OutboxBatch]) -> None:
        await insert(db, batches)
        inserted[asyncio.current_task()] = batches

    async def leave_and_publish(self: Transaction, kind: Any, error: Any, trace: Any) -> None:
        await leave(self, kind, error, trace)
        for batch in inserted.pop(asyncio.current_task(), []):
            tp = TopicPartition(batch.topic, batch.partition)
            if kind is None and (tp not in in_flight or in_flight[tp].done()):
                in_flight[tp] = asyncio.create_task(_publish(batch))

    replace(outbox, "insert", remember_inserted)
    replace(Transaction, "__aexit__", leave_and_publish)


def no_key_lock() -> None:
    """Let batches with common keys run concurrently: one decides on states that the other is changing."""
    original = outbox.insert

    async def lock_nothing(*_: Any) -> None:
        return

    async def insert(db: Any, batches: list[OutboxBatch]) -> None:
        await original(db, batches)
        await asyncio.sleep(RACE_WINDOW)

    replace(runner, "lock_keys", lock_nothing)
    replace(outbox, "insert", insert)


SEEDED_BUGS: Mapping[str, Callable[[], None]] = {
    "publish-before-commit": publish_before_commit,
    "hand-over-from-memory": hand_over_from_memory,
    "no-key-lock": no_key_lock,
}
