"""Intervals of the relay: until its next poll, and until it retries a partition that failed."""

from collections.abc import Iterator
from typing import NamedTuple

from aiokafka import TopicPartition

POLL_INTERVAL, MAX_POLL_INTERVAL = 0.01, 0.05
POLL_INTERVAL_GROWTH = 1.02
"""Factor for each empty poll: from the shortest to the longest interval in 82 polls, about two seconds."""
FIRST_BACKOFF, MAX_BACKOFF = 0.2, 5.0


class AdaptivePoll:
    """The interval until the next poll, unless a commit in this process wakes the relay earlier.

    Polling finds the rows that another process committed. While there is another one, the interval is short after a poll that found
    rows, and grows with each poll that finds none.
    """

    def __init__(self) -> None:
        self.interval = MAX_POLL_INTERVAL

    def observe(self, *, found: bool, holds_all_shards: bool) -> None:
        """Adapt to the result of a poll. A relay with all shards is alone, so that each commit is in its own process."""
        if found and not holds_all_shards:
            self.interval = POLL_INTERVAL
        else:
            self.interval = min(self.interval * POLL_INTERVAL_GROWTH, MAX_POLL_INTERVAL)


class _Backoff(NamedTuple):
    seconds: float
    until: float


class PartitionBackoff:
    """Exponential backoff of each partition that Kafka refused. Times are those of the event loop's clock."""

    def __init__(self) -> None:
        self._backoffs: dict[TopicPartition, _Backoff] = {}

    def __iter__(self) -> Iterator[TopicPartition]:
        return iter(self._backoffs)

    def active(self, now: float) -> Iterator[TopicPartition]:
        """Return the partitions that are not to be retried yet."""
        return (tp for tp, backoff in self._backoffs.items() if now < backoff.until)

    def observe_failure(self, tp: TopicPartition, now: float) -> float:
        """Return how many seconds the partition now waits."""
        before = self._backoffs.get(tp)
        seconds = min(before.seconds * 2, MAX_BACKOFF) if before else FIRST_BACKOFF
        self._backoffs[tp] = _Backoff(seconds, now + seconds)
        return seconds

    def observe_success(self, tp: TopicPartition) -> None:
        self._backoffs.pop(tp, None)
