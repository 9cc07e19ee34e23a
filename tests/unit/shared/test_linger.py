"""When a poller lingers: not under low load, briefly after another batch, and never around a gap in the offsets."""

import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import NotCoordinatorForGroupError

from shared.kafka.lingering_poller import LINGER, LingeringPoller

PARTITION = TopicPartition("tandem.trial", 0)


class Record(NamedTuple):
    offset: int


class FakeConsumer:
    """Returns these offsets, poll by poll; `between_polls` is called before the second poll."""

    def __init__(self, *polls: list[int], between_polls: Callable[[], None] = lambda: None) -> None:
        self.polls, self.between_polls, self.requested = deque(polls), between_polls, list[int]()

    async def getmany(self, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[Record]]:
        self.requested.append(max_records)
        if len(self.requested) == 2:
            self.between_polls()
        offsets = self.polls.popleft()
        return {PARTITION: [Record(offset) for offset in offsets]} if offsets else {}


@pytest.fixture
def poller() -> LingeringPoller:
    return LingeringPoller(max_records=5)


async def poll(poller: LingeringPoller, consumer: FakeConsumer) -> list[int]:
    return [record.offset for record in await poller.poll(consumer)]


async def test_a_record_after_an_idle_time_is_returned_at_once(poller: LingeringPoller) -> None:
    poller.last_batch_at = time.time() - 2 * LINGER
    consumer = FakeConsumer([0], [1])

    assert await poll(poller, consumer) == [0]
    assert consumer.polls


async def test_soon_after_a_batch_two_polls_are_combined(poller: LingeringPoller) -> None:
    poller.last_batch_at, began = time.time(), time.monotonic()
    consumer = FakeConsumer([0, 1], [2])

    assert await poll(poller, consumer) == [0, 1, 2]
    assert consumer.requested == [5, 3]
    assert time.monotonic() - began >= LINGER / 2


async def test_a_full_batch_does_not_linger(poller: LingeringPoller) -> None:
    assert await poll(poller, FakeConsumer([0, 1, 2, 3, 4], [5])) == [0, 1, 2, 3, 4]


async def test_an_empty_poll_does_not_linger(poller: LingeringPoller) -> None:
    assert await poll(poller, FakeConsumer([], [5])) == []


async def test_the_first_records_are_kept_when_the_second_poll_fails(poller: LingeringPoller) -> None:
    def fail() -> None:
        raise NotCoordinatorForGroupError

    assert await poll(poller, FakeConsumer([4, 5], between_polls=fail)) == [4, 5]


async def test_a_clock_that_is_set_back_does_not_delay_a_batch(poller: LingeringPoller) -> None:
    poller.last_batch_at, began = time.time() + 3600, time.monotonic()

    assert await poll(poller, FakeConsumer([4], [5])) == [4, 5]
    assert time.monotonic() - began < 1


async def test_the_first_records_are_dropped_when_their_partitions_are_revoked(poller: LingeringPoller) -> None:
    assert await poll(poller, FakeConsumer([4, 5], [2, 3], between_polls=poller.partitions_revoked)) == [2, 3]
