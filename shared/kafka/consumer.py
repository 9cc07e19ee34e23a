"""Consumes batches of records, with the offsets kept in PostgreSQL."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker

from shared import clock
from shared.kafka.decoding import decode_in_slices
from shared.kafka.faststream_adapter import Subscription
from shared.kafka.incoming import Ignored, Incoming
from shared.kafka.lingering_poller import LingeringPoller
from shared.kafka.offset_tracker import Offsets, OffsetTracker, next_offsets
from shared.kafka.position_watch import PositionWatch
from shared.kafka.record import KafkaRecord
from shared.kafka.route import Route
from shared.log import log

ProcessBatch = Callable[[Sequence[Incoming]], Awaitable[None]]
LoadOffsets = Callable[[Sequence[TopicPartition]], Awaitable[Offsets | None]]
"""Loader of the stored next offsets of newly assigned partitions; leaves out those of topics that are not in the topology.

Returns None if the service ends."""
Fail = Callable[[Exception], None]
"""Ends the service because of this error."""
DRAIN_TIMEOUT = 8.0
"""Seconds that a batch in flight may take to finish before its partitions are handed over, or before the stop."""
OFFSET_COMMIT_TIMEOUT = 1.0
POLL_STALL_TIMEOUT = 30.0
"""Seconds without a response from Kafka after which a consumer is unhealthy."""


class BatchConsumer(ConsumerRebalanceListener):  # type: ignore[misc]
    """One consumer in the service's group, with one batch in flight.

    `has_joined`: True once the group has assigned, possibly no, partitions; False during a rebalance.
    """

    def __init__(
        self, broker: KafkaBroker, group: str, route: Route, *, process: ProcessBatch, load_offsets: LoadOffsets, fail: Fail
    ) -> None:
        self._decode, self._process, self._load_offsets, self._fail = route.decode, process, load_offsets, fail
        self._poller = LingeringPoller(route.max_records)
        self._subscription = Subscription(broker, group, route, self, self._poll, self._on_batch)
        self.offsets, self.has_joined = OffsetTracker(), False
        self._positions = PositionWatch(self.offsets)

    @property
    def _consumer(self) -> AIOKafkaConsumer:
        return self._subscription.consumer

    async def _poll(self, consumer: AIOKafkaConsumer) -> Sequence[KafkaRecord]:
        """Poll a batch.

        The previous batch has been processed, so offsets that the position has passed beyond it held no record.
        """
        if self.has_joined:
            passed = await self._positions.check(consumer, self._reading())
            if self.has_joined:
                self.offsets.skipped(passed)
        return await self._poller.poll(consumer)

    def _reading(self) -> set[TopicPartition]:
        partitions: set[TopicPartition] = self._consumer.assignment() - self._consumer.paused()
        return partitions

    async def _on_batch(self, records: Sequence[KafkaRecord]) -> None:
        """Process a batch, or fail and wait for the stop: after a return FastStream would continue with the next batch."""
        try:
            self._poller.batch_started()
            for batch in decode_in_slices(records, self._decode, clock.now()):
                if not self.has_joined:
                    return  # the next consumer of these partitions reads the rest, from the stored offsets
                await self._process_slice(batch)
        except Exception as error:
            self._fail(error)
            await self._subscription.wait_stopping()

    async def _process_slice(self, batch: Sequence[Incoming]) -> None:
        after = next_offsets(incoming.record for incoming in batch if incoming.record)
        if any(not isinstance(incoming, Ignored) for incoming in batch):
            await self._process(batch)
            self.offsets.processed(after)
        else:
            self.offsets.skipped(after)
            await asyncio.sleep(0)

    async def commit_offsets(self) -> None:
        """Commit offsets to Kafka, for lag monitoring only; the offsets in PostgreSQL are authoritative.

        Skipped during a rebalance, because a stale commit would trigger another one.
        """
        offsets = self.offsets.committable(self._consumer.assignment()) if self.has_joined else {}
        if not offsets:
            return
        uncommitted = self.offsets.take_uncommitted()
        try:
            await asyncio.wait_for(self._consumer.commit(offsets), OFFSET_COMMIT_TIMEOUT)
        except (KafkaError, TimeoutError) as error:
            log.info("offset_commit_failed", error=type(error).__name__)
            self.offsets.restore_uncommitted(uncommitted)

    def is_healthy(self) -> bool:
        """Return True if the consumer has joined its group, Kafka has answered recently, and partitions with records progress.

        A consumer that reads no partition, because it has none or all are paused, does not poll.
        """
        if not self.has_joined:
            return False
        reading = self._reading()
        answered_at = [(self._consumer.last_poll_timestamp(tp) or 0) / 1000 for tp in reading]
        recent = not reading or time.time() - max(self._poller.last_batch_at, *answered_at) < POLL_STALL_TIMEOUT
        return recent and self._positions.makes_progress()

    @property
    def has_paused_partitions(self) -> bool:
        """True if partitions wait for their topic to be added to the topology."""
        return self.has_joined and bool(self._consumer.paused())

    async def on_partitions_revoked(self, revoked: Any) -> None:
        """Let the batch in flight finish before its partitions are handed over."""
        self.has_joined = False
        self._poller.partitions_revoked()
        await self._subscription.wait_idle(DRAIN_TIMEOUT)

    async def on_partitions_assigned(self, assigned: Any) -> None:
        """Read nothing before the stored offsets are known."""
        self._consumer.pause(*assigned)
        if not await self.resume_known_partitions():
            return
        for topic in sorted({tp.topic for tp in self._consumer.paused()}):
            log.warning("topic_undeclared", topic=topic, detail="not in the topology: run `tandem kafka apply`")
        self.has_joined = True
        self._poller.reset_stall_clock()

    async def resume_known_partitions(self) -> bool:
        """Resume paused partitions at their stored offsets; those of a topic that is not in the topology stay paused.

        Returns False if the service ends before the offsets are known.
        """
        paused = list(self._consumer.paused())
        stored = await self._load_offsets(paused) if paused else Offsets()
        if stored is None:
            return False
        for tp in self._consumer.paused() & stored.keys():
            self._consumer.seek(tp, stored[tp])
            self._consumer.resume(tp)
            if stored[tp]:  # have it committed: a process that crashed may have stored more than it committed
                self.offsets.processed({tp: stored[tp]})
        return True
