"""Faults planted into the pipeline, each in a process of its own: the auditor must catch every one of them."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from asyncpg.transaction import Transaction

from shared.pipeline import outbox, relay, relay_pacing, runner
from shared.pipeline.outbox import OutboxBatch, PendingBatch
from shared.pipeline.relay import Relay
from shared.pipeline.runner import Runner

LAZY = 0.3
_relays = list[Relay]()


def swap(owner: Any, name: str, other: Any) -> None:
    """Puts something else in the place of a part of the product, in this process alone."""
    setattr(owner, name, other)


def _remember_relays() -> None:
    wrapped: Any = Relay.__init__

    def made(self: Relay, *arguments: Any) -> None:
        wrapped(self, *arguments)
        _relays.append(self)

    swap(Relay, "__init__", made)


async def _send(parcel: OutboxBatch) -> None:
    producer = _relays[0].producer
    for batch, _ in relay.record_batches(producer, [PendingBatch(0, parcel.keys, parcel.payloads)]):
        await (await producer.send_batch(batch, parcel.topic, partition=parcel.partition))


def publish_before_commit() -> None:
    """What is to be said goes out while its transaction is still open."""
    _remember_relays()
    wrapped = outbox.insert

    async def add(db: Any, parcels: list[OutboxBatch]) -> None:
        await asyncio.gather(*map(_send, parcels))
        await asyncio.sleep(0.2)
        await wrapped(db, parcels)

    swap(outbox, "insert", add)


def hand_over_from_memory() -> None:
    """After a commit its parcels go out at once where their line is free; the relay only looks now and then for the rest."""
    _remember_relays()
    swap(relay_pacing, "MAX_POLL_INTERVAL", 5 * LAZY)
    swap(relay_pacing, "POLL_INTERVAL", LAZY)
    swap(Relay, "wake", lambda self: None)
    added, left, busy = outbox.insert, Transaction.__aexit__, dict[tuple[str, int], asyncio.Task[None]]()
    handed = dict[Any, list[OutboxBatch]]()

    async def add(db: Any, parcels: list[OutboxBatch]) -> None:
        await added(db, parcels)
        handed[asyncio.current_task()] = parcels

    async def leave(self: Transaction, kind: Any, error: Any, trace: Any) -> None:
        await left(self, kind, error, trace)
        for parcel in handed.pop(asyncio.current_task(), []):
            line = parcel.topic, parcel.partition
            if kind is None and (line not in busy or busy[line].done()):
                busy[line] = asyncio.create_task(_send(parcel))

    swap(outbox, "insert", add)
    swap(Transaction, "__aexit__", leave)


def leave_out_the_key_lock() -> None:
    """Batches that touch the same keys do not wait for each other; what is loaded is a moment old when it is decided on."""
    loaded = Runner._load

    async def lock(*_: Any) -> None:
        return

    async def load(self: Runner, db: Any, keys: set[str]) -> dict[str, Any]:
        states = await loaded(self, db, keys)
        await asyncio.sleep(0.02)
        return states

    swap(runner, "lock_keys", lock)
    swap(Runner, "_load", load)


BUGS: Mapping[str, Callable[[], None]] = {
    "publish-before-commit": publish_before_commit,
    "hand-over-from-memory": hand_over_from_memory,
    "no-key-lock": leave_out_the_key_lock,
}
