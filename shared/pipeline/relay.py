"""Publishes outbox batches to Kafka: the reader's part of the ordering argument in `docs/ordering.md`.

For each partition, the oldest batches come from one snapshot of the outbox and are sent in id order, one record batch in flight at
a time. The first failure stops the partition, which is read again only when all that was read is acknowledged, or discarded from
memory after a failure. A batch is deleted only after this relay's own sending of it was acknowledged. Any number of relays may
therefore run, frozen or late ones included: the first occurrence of each message is in order, and the inboxes drop the repeats.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError
from aiokafka.producer.message_accumulator import BatchBuilder

from shared.log import log
from shared.messages.tombstones import kafka_form
from shared.pipeline import outbox
from shared.pipeline.outbox import PendingBatch
from shared.pipeline.relay_leases import SHARD_COUNT, LeaseHolder
from shared.pipeline.relay_pacing import AdaptivePoll, PartitionBackoff
from shared.postgres.pool import Pool

SEND_WAIT_TIMEOUT = 0.25
"""Seconds that a poll waits for its partitions. A slower one is excluded from the next polls until it is done."""


class Relay:
    """The relay of one process."""

    def __init__(self, producer: AIOKafkaProducer, pool: Pool, *, send_wait_timeout: float = SEND_WAIT_TIMEOUT) -> None:
        self.producer, self.leases, self.backoff, self.pacing = producer, LeaseHolder(pool), PartitionBackoff(), AdaptivePoll()
        self.acknowledged: list[int] = []
        self.in_flight: dict[TopicPartition, asyncio.Task[None]] = {}
        self.last_poll_at = float("-inf")
        self._pool, self._send_wait_timeout = pool, send_wait_timeout
        self._wake, self._stopping = asyncio.Event(), False

    def wake(self) -> None:
        """Poll at once: this process committed a batch."""
        self._wake.set()

    def stop(self) -> None:
        """End `run` when nothing is left to publish."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Publish until `stop`, then whatever needs no retry; delete the acknowledged rows."""
        await self.leases.create_leases()
        found = True
        while found or not self._stopping:
            self._wake.clear()
            found = await self.poll_once()
            self.last_poll_at = asyncio.get_running_loop().time()
            self.pacing.observe(found=found, holds_all_shards=self.leases.holds_all)
            if not (found or self._stopping):
                await self._wait()
        await asyncio.gather(*self.in_flight.values())
        await outbox.delete(self._pool, self.acknowledged)
        await self.leases.release()

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), self.pacing.interval)

    async def poll_once(self) -> bool:
        """Delete acknowledged batches and publish the oldest pending ones. Return True if there were any."""
        await self.leases.renew_if_due()
        acknowledged, excluded = list(self.acknowledged), self._excluded_partitions()
        pending = await outbox.delete_acknowledged_and_fetch(self._pool, acknowledged, self.leases.shards, excluded, SHARD_COUNT)
        self.acknowledged = self.acknowledged[len(acknowledged) :]
        started = [asyncio.create_task(self.publish(tp, batches)) for tp, batches in pending.items()]
        self.in_flight.update(zip(pending, started, strict=True))
        if started:
            await asyncio.wait(started, timeout=self._send_wait_timeout)
        return bool(pending)

    def _excluded_partitions(self) -> list[TopicPartition]:
        """Partitions in flight and in backoff."""
        for tp, task in list(self.in_flight.items()):
            if task.done():
                self.in_flight.pop(tp).result()
        return [*self.in_flight, *self._partitions_in_backoff()]

    def _partitions_in_backoff(self) -> Iterable[TopicPartition]:
        """While stopping, each that has failed, so that the stop does not wait for retries."""
        return self.backoff if self._stopping else self.backoff.active(asyncio.get_running_loop().time())

    async def publish(self, tp: TopicPartition, batches: Sequence[PendingBatch]) -> None:
        """Send these batches with one record batch in flight, up to the first failure: no message may overtake one that failed."""
        try:
            for record_batch, completed_ids in build_record_batches(self.producer, batches):
                await (await self._send_batch(record_batch, tp))
                self.acknowledged += completed_ids
            self.backoff.observe_success(tp)
        except KafkaError as error:
            seconds = self.backoff.observe_failure(tp, asyncio.get_running_loop().time())
            name = type(error).__name__
            log.warning("publish_failed", topic=tp.topic, partition=tp.partition, error=name, seconds=seconds)

    async def _send_batch(self, record_batch: BatchBuilder, tp: TopicPartition) -> "asyncio.Future[Any]":
        """Hand the record batch to the producer; the returned future is done when Kafka has acknowledged it."""
        try:
            future: asyncio.Future[Any] = await self.producer.send_batch(record_batch, tp.topic, partition=tp.partition)
        except AssertionError:  # raised for a partition that was added after aiokafka's last metadata update
            await self.producer.client.force_metadata_update()
            raise UnknownTopicOrPartitionError from None
        return future


def build_record_batches(producer: AIOKafkaProducer, batches: Sequence[PendingBatch]) -> Iterator[tuple[BatchBuilder, list[int]]]:
    """Yield full record batches, each with the ids of the outbox batches that it completes."""
    record_batch, completed_ids = producer.create_batch(), list[int]()
    for batch in batches:
        for key, value in zip(batch.keys, batch.payloads, strict=True):
            if not _append(record_batch, key, value):
                yield _closed(record_batch), completed_ids
                record_batch, completed_ids = producer.create_batch(), []
                _append(record_batch, key, value)  # an empty record batch takes a message of any size
        completed_ids.append(batch.id)
    yield _closed(record_batch), completed_ids


def _append(record_batch: BatchBuilder, key: str, value: bytes) -> bool:
    """Return False if the record batch is full."""
    value_or_none, headers = kafka_form(value)
    return record_batch.append(key=key.encode(), value=value_or_none, timestamp=None, headers=headers) is not None


def _closed(record_batch: BatchBuilder) -> BatchBuilder:
    record_batch.close()
    return record_batch
