"""Publishes parcels in order and forgets them when the bus has them; whoever runs it, the first time a message appears is in order.

A line is a topic's partition. Its lowest ids come from one committed snapshot and go out with one record batch in flight. It stops
at its first failure, and is read again only when all of that is acknowledged or given up. A parcel is deleted only after our own
acknowledgement. That is why any number of relays, frozen or late ones too, cannot change the order.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import uuid4  # noqa: TID251

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError
from aiokafka.producer.message_accumulator import BatchBuilder

from shared.log import log
from shared.messages.envelope import CONTENT_TYPE
from shared.pipeline.inbox import Line
from shared.postgres.named_queries import load_queries
from shared.postgres.pool import Pool
from shared.postgres.retry import retry_transient

SQL = load_queries(__file__)
HEADERS = [("content-type", CONTENT_TYPE.encode())]
POLL_INTERVAL = 0.01
"""Seconds between two looks after something went out; up to five times that while nothing does, or while all lanes are ours."""
SHARD_COUNT = 12
"""A partition belongs to the shard `partition % SHARD_COUNT`."""
BATCHES_PER_PARTITION = 4
"""Most batches of one partition that are fetched in one poll: bounds the memory that a backlog takes."""
LEASE_DURATION = timedelta(seconds=4)
LEASE_RENEW_INTERVAL = 1.0
ROUND_TIMEOUT = 0.25
"""Seconds after which a round stops waiting for a line and leaves it aside until it is done."""


class PendingBatch(NamedTuple):
    """A parcel that waits to go out."""

    id: int
    keys: Sequence[str]
    payloads: Sequence[bytes]


class Backoff(NamedTuple):
    """How long a line is left alone after a failure (`seconds`), and until when, on the loop's clock."""

    seconds: float
    until: float


class Relay:
    """One for each process. Leases keep two relays from sending the same parcel; order does not depend on them."""

    def __init__(self, producer: AIOKafkaProducer, pool: Pool) -> None:
        self.producer, self.pool = producer, pool
        self.owner, self.lanes, self.renew_at = uuid4(), list[int](), 0.0
        self.acknowledged: list[int] = []
        self.sending: dict[Line, asyncio.Task[None]] = {}
        self.rests: dict[Line, Backoff] = {}
        self.last_round, self.rest = float("-inf"), POLL_INTERVAL * 5
        self._wake, self._stopping = asyncio.Event(), False

    def nudge(self) -> None:
        """Something was committed in this process: look at once."""
        self._wake.set()

    async def run(self) -> None:
        """Sends until `stop`; then what can still go goes, what is in flight is awaited, what was acknowledged forgotten."""
        loop = asyncio.get_running_loop()
        busy = True
        await retry_transient(lambda: self.pool.execute(SQL["create_shards"], SHARD_COUNT))
        while busy or not self._stopping:
            self._wake.clear()
            busy = await self._round()
            self.last_round = loop.time()
            self.rest = POLL_INTERVAL if busy and len(self.lanes) < SHARD_COUNT else min(self.rest * 1.02, POLL_INTERVAL * 5)
            if not (busy or self._stopping):
                await self._rest()
        await asyncio.gather(*self.sending.values())
        await retry_transient(lambda: self.pool.execute(SQL["delete_outbox"], self.acknowledged))
        await retry_transient(lambda: self.pool.execute(SQL["release_leases"], self.owner))

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), self.rest)

    async def _round(self) -> bool:
        """Takes the oldest parcels of the lines that are free and sends the lines side by side. Returns whether there were any."""
        await self._renew()
        forget, held = list(self.acknowledged), self._held()
        arguments = forget, self.lanes, [topic for topic, _ in held], [part for _, part in held]
        rows = await retry_transient(
            lambda: self.pool.fetch(SQL["fetch_and_delete_outbox"], *arguments, SHARD_COUNT, BATCHES_PER_PARTITION)
        )
        self.acknowledged = self.acknowledged[len(forget) :]
        lines = defaultdict[Line, list[PendingBatch]](list)
        for id, topic, part, keys, payloads in rows:
            lines[topic, part].append(PendingBatch(id, keys, payloads))
        started = [self._start(line, parcels) for line, parcels in lines.items()]
        if started:
            await asyncio.wait(started, timeout=ROUND_TIMEOUT)
        return bool(rows)

    async def _renew(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self.renew_at:
            rows = await retry_transient(lambda: self.pool.fetch(SQL["renew_leases"], self.owner, LEASE_DURATION))
            self.lanes, self.renew_at = [row[0] for row in rows], now + LEASE_RENEW_INTERVAL

    def _held(self) -> list[Line]:
        """Lines that are still on their way, or that rest after a failure."""
        for line, task in list(self.sending.items()):
            if task.done():
                self.sending.pop(line).result()
        now = asyncio.get_running_loop().time()
        return [*self.sending, *(line for line, rest in self.rests.items() if self._stopping or now < rest.until)]

    def _start(self, line: Line, parcels: Sequence[PendingBatch]) -> asyncio.Task[None]:
        self.sending[line] = task = asyncio.create_task(self._send(line, parcels))
        return task

    async def _send(self, line: Line, parcels: Sequence[PendingBatch]) -> None:
        """One record batch in flight. The first failure ends it, as nothing may overtake; the line rests, at a stop for good."""
        topic, part = line
        try:
            for batch, whole in _record_batches(self.producer, parcels):
                await (await self._put(batch, line))
                self.acknowledged += whole
            self.rests.pop(line, None)
        except KafkaError as error:
            before = self.rests.get(line)
            seconds = min(before.seconds * 2, 5.0) if before else 0.2
            self.rests[line] = Backoff(seconds, asyncio.get_running_loop().time() + seconds)
            log.warning("publish_failed", topic=topic, partition=part, error=type(error).__name__, seconds=seconds)

    async def _put(self, batch: BatchBuilder, line: Line) -> Any:
        """Raises a KafkaError also where the client's old metadata lack a partition that is new; it asks anew then."""
        topic, part = line
        try:
            return await self.producer.send_batch(batch, topic, partition=part)
        except AssertionError:
            await self.producer.client.force_metadata_update()
            raise UnknownTopicOrPartitionError from None


def _record_batches(producer: AIOKafkaProducer, parcels: Sequence[PendingBatch]) -> Iterator[tuple[BatchBuilder, list[int]]]:
    """Record batches, each with the parcels that are whole once it is acknowledged."""
    batch, whole = producer.create_batch(), list[int]()
    for parcel in parcels:
        for key, value in zip(parcel.keys, parcel.payloads, strict=True):
            if not _append(batch, key, value):
                yield _closed(batch), whole
                batch, whole = producer.create_batch(), []
                _append(batch, key, value)
        whole.append(parcel.id)
    yield _closed(batch), whole


def _append(batch: BatchBuilder, key: str, value: bytes) -> Any:
    return batch.append(key=key.encode(), value=value, timestamp=None, headers=HEADERS)


def _closed(batch: BatchBuilder) -> BatchBuilder:
    batch.close()
    return batch
