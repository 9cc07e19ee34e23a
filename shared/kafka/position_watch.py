"""Tracks a consumer's positions: finds offsets that were passed without a record, and partitions that make no progress."""

import asyncio
import time
from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from shared.kafka.offset_tracker import Offsets, OffsetTracker

CHECK_INTERVAL = 0.5
POSITION_TIMEOUT = 0.2
NO_PROGRESS_TIMEOUT = 30.0
"""Seconds for which a partition may hold records while the consumer polls and its position stays the same."""


class PositionWatch:
    """Follows the positions of one consumer.

    Offsets without a record are those of transaction markers, and of aborted and compacted records.
    """

    def __init__(self, offsets: OffsetTracker) -> None:
        self._offsets, self._next_check = offsets, 0.0
        self._behind: dict[TopicPartition, tuple[int, float]] = {}

    async def check(self, consumer: AIOKafkaConsumer, partitions: Iterable[TopicPartition]) -> Offsets:
        """Return the positions that passed offsets without a record, at intervals.

        Call it only before a poll while no batch is in flight: then everything before a position has been processed.
        """
        now = time.monotonic()
        if now < self._next_check:
            return Offsets()
        self._next_check = now + CHECK_INTERVAL
        ends = {tp: consumer.last_stable_offset(tp) or 0 for tp in partitions}
        lagging = [tp for tp, end in ends.items() if end > self._offsets.reached(tp)]
        positions = await _positions(consumer, lagging)
        self._note_progress({tp: at for tp, at in positions.items() if at < ends[tp]}, now)
        return {tp: at for tp, at in positions.items() if at > self._offsets.reached(tp)}

    def makes_progress(self) -> bool:
        """Return False if a partition holds records, and its position has not moved for long."""
        return all(time.monotonic() - since < NO_PROGRESS_TIMEOUT for _, since in self._behind.values())

    def _note_progress(self, behind: Offsets, now: float) -> None:
        before, self._behind = self._behind, {}
        for tp, position in behind.items():
            at, since = before.get(tp, (position, now))
            self._behind[tp] = position, (since if at == position else now)


async def _positions(consumer: AIOKafkaConsumer, partitions: Iterable[TopicPartition]) -> Offsets:
    """Return the positions of those partitions that have one; a partition that was just reset has none yet."""
    positions = Offsets()
    for tp in partitions:
        try:
            async with asyncio.timeout(POSITION_TIMEOUT):
                positions[tp] = await consumer.position(tp)
        except (TimeoutError, IllegalStateError, KafkaError):
            continue
    return positions
