"""Polls batches; combines small ones, which cost nearly as much as large ones."""

import asyncio
import time
from collections.abc import Sequence
from itertools import chain

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from shared.kafka.record import KafkaRecord
from shared.log import log

LINGER = 0.03
"""Minimum seconds between the starts of two batches, unless the second is full.

Not `fetch.min.bytes` with `fetch.max.wait.ms`: these delay a single record under low load as well.
"""
POLL_TIMEOUT_MS = 1000
"""A poll without records returns after this, so that FastStream's loop can end at the stop."""
ERROR_DELAY = 1.0
"""Seconds between two polls that fail."""


class LingeringPoller:
    """Polls for one consumer, with the time of its last batch. Under low load a record is returned at once."""

    def __init__(self, max_records: int) -> None:
        self._max_records, self._revocations = max_records, 0
        self.last_batch_at = time.time()  # not monotonic, to be compared with aiokafka's `last_poll_timestamp`

    def batch_started(self) -> None:
        self.last_batch_at = time.time()

    def reset_stall_clock(self) -> None:
        """Count the time without a response from now on: nothing could be read during the rebalance."""
        self.last_batch_at = time.time()

    def partitions_revoked(self) -> None:
        """Drop a batch that is lingering: its partitions are read by another consumer, from the stored offsets."""
        self._revocations += 1

    async def poll(self, consumer: AIOKafkaConsumer) -> Sequence[KafkaRecord]:
        """Poll a batch. If the previous batch started less than `LINGER` ago, wait out the rest and poll again."""
        records = await self._poll_waiting(consumer)
        wait, revocations = min(self.last_batch_at + LINGER - time.time(), LINGER), self._revocations
        if 0 < len(records) < self._max_records and wait > 0:
            await asyncio.sleep(wait)
            more = await self._poll_now(consumer, self._max_records - len(records))
            records = [*records, *more] if revocations == self._revocations else more
        return records

    async def _poll_waiting(self, consumer: AIOKafkaConsumer) -> list[KafkaRecord]:
        """Poll until something comes, or the timeout. An error, which one partition may cause, keeps the others waiting briefly."""
        try:
            return await _poll(consumer, POLL_TIMEOUT_MS, self._max_records)
        except KafkaError as error:
            log.warning("poll_failed", error=type(error).__name__)
            await asyncio.sleep(ERROR_DELAY)
            return []

    async def _poll_now(self, consumer: AIOKafkaConsumer, max_records: int) -> list[KafkaRecord]:
        """Poll without waiting. An error must not lose the first batch; if it lasts, the next poll raises it."""
        try:
            return await _poll(consumer, 0, max_records)
        except Exception as error:
            log.info("linger_poll_failed", error=type(error).__name__)
            return []


async def _poll(consumer: AIOKafkaConsumer, timeout_ms: int, max_records: int) -> list[KafkaRecord]:
    return list(chain(*(await consumer.getmany(timeout_ms=timeout_ms, max_records=max_records)).values()))
