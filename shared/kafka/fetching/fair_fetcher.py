"""Selection of the fetched records that a poll returns: a bounded portion of each partition in turn."""

import asyncio
import time
from typing import Any

from aiokafka.consumer.fetcher import Fetcher, FetchResult

MAX_POLL_BYTES = 1 << 20
"""Size of the records of one partition after which a poll goes on with the next partition."""
MAX_POLL_SECONDS = 0.1
"""Time to read the records of all partitions after which a poll ends, so that the event loop is not held up."""


class _Turn:
    """The time that is left of the current turn of the event loop. A poll reads all its partitions in one turn."""

    def __init__(self) -> None:
        self._deadline: float | None = None

    def is_over(self) -> bool:
        if self._deadline is None:
            self._deadline = time.monotonic() + MAX_POLL_SECONDS
            asyncio.get_running_loop().call_soon(self._end)
        return time.monotonic() >= self._deadline

    def _end(self) -> None:
        self._deadline = None


_turn = _Turn()


class BoundedFetchResult(FetchResult):  # type: ignore[misc]
    """The fetched records of a partition, returned in portions that are bounded by count, bytes and time."""

    _partition_records: Any

    def getall(self, max_records: int | None = None) -> list[Any]:
        if not self.check_assignment(self._topic_partition) or not self.has_more() or _turn.is_over():
            return []
        records, size = list[Any](), 0
        for record in self._partition_records:
            records.append(record)
            size += record.serialized_value_size
            if size >= MAX_POLL_BYTES or len(records) == max_records or _turn.is_over():
                self._update_position()
                return records
        self._update_position()
        self._partition_records = None
        return records


class FairFetcher(Fetcher):  # type: ignore[misc]
    """Serves the partitions in turn: one that still has records after a poll comes last in the next one."""

    async def fetched_records(self, partitions: Any, timeout: float = 0, max_records: int | None = None) -> Any:  # noqa: ASYNC109
        while not (drained := await super().fetched_records(partitions, 0, max_records)) and self._held_back():  # noqa: ASYNC110
            await asyncio.sleep(0)  # another poll of this turn took all its time
        if not drained and timeout:
            drained = await super().fetched_records(partitions, timeout, max_records)
        for tp in drained:
            if tp in self._records:
                self._records.move_to_end(tp)
        return drained

    def _held_back(self) -> bool:
        """Return True if there may be records that this turn of the event loop has no time for."""
        return bool(self._records) and _turn.is_over()
