"""Selection of the fetched records that a poll returns: a bounded portion of each partition in turn."""

import time
from typing import Any

from aiokafka.consumer.fetcher import Fetcher, FetchResult

MAX_POLL_BYTES, MAX_POLL_SECONDS = 1 << 20, 0.1
"""Size of the records of one partition, and time to read them, after which a poll goes on with the next partition."""


class BoundedFetchResult(FetchResult):  # type: ignore[misc]
    """The fetched records of a partition, returned in portions that are bounded by count, bytes and time."""

    _partition_records: Any

    def getall(self, max_records: int | None = None) -> list[Any]:
        if not self.check_assignment(self._topic_partition) or not self.has_more():
            return []
        records, size, deadline = list[Any](), 0, time.monotonic() + MAX_POLL_SECONDS
        for record in self._partition_records:
            records.append(record)
            size += record.serialized_value_size
            if size >= MAX_POLL_BYTES or len(records) == max_records or time.monotonic() >= deadline:
                self._update_position()
                return records
        self._update_position()
        self._partition_records = None
        return records


class FairFetcher(Fetcher):  # type: ignore[misc]
    """Serves the partitions in turn: one that still has records after a poll comes last in the next one."""

    async def fetched_records(self, partitions: Any, timeout: float = 0, max_records: int | None = None) -> Any:  # noqa: ASYNC109
        drained = await super().fetched_records(partitions, timeout, max_records)
        for tp in drained:
            if tp in self._records:
                self._records.move_to_end(tp)
        return drained
