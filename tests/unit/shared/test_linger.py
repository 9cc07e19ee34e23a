"""How a lane gathers: at once when it was idle, together with what comes soon after another batch, and never around a gap."""

import time
from collections import deque
from typing import Any, NamedTuple
from unittest.mock import AsyncMock

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import NotCoordinatorForGroupError

from shared.kafka import clients
from shared.kafka.consumer import LINGER, BatchConsumer, Route

LINE = TopicPartition("tandem.trial", 0)


class Brought(NamedTuple):
    """A record, as far as a lane that gathers looks at it."""

    offset: int


class Consumer:
    """Gives what it was told to, look by look; something may happen before the second."""

    def __init__(self, *looks: list[int], meanwhile: Any = None) -> None:
        self.looks, self.meanwhile, self.asked = deque(looks), meanwhile, list[int]()

    async def getmany(self, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[Brought]]:
        self.asked.append(max_records)
        if len(self.asked) == 2 and self.meanwhile:
            self.meanwhile()
        found = self.looks.popleft()
        return {LINE: [Brought(offset) for offset in found]} if found else {}


@pytest.fixture
def lane() -> BatchConsumer:
    route = Route("tandem.trial", None, lambda record, now: None, max_records=5)
    return BatchConsumer(clients.create_broker("127.0.0.1:9", patience=1), "trial", route, AsyncMock(), AsyncMock(), AsyncMock())


async def gathered(lane: BatchConsumer, consumer: Consumer) -> list[int]:
    return [record.offset for record in await lane.subscriber.get_msg(consumer)]


async def test_after_a_while_of_nothing_a_record_is_taken_at_once(lane: BatchConsumer) -> None:
    lane.last_batch_at = time.time() - 2 * LINGER
    consumer = Consumer([0], [1])
    assert await gathered(lane, consumer) == [0]
    assert consumer.looks


async def test_soon_after_a_batch_what_comes_a_little_later_is_taken_too(lane: BatchConsumer) -> None:
    lane.last_batch_at, began = time.time(), time.monotonic()
    consumer = Consumer([0, 1], [2])
    assert await gathered(lane, consumer) == [0, 1, 2]
    assert consumer.asked == [5, 3]
    assert time.monotonic() - began >= LINGER / 2


async def test_a_full_batch_waits_for_nothing(lane: BatchConsumer) -> None:
    lane.last_batch_at = time.time()
    assert await gathered(lane, Consumer([0, 1, 2, 3, 4], [5])) == [0, 1, 2, 3, 4]


async def test_nothing_is_no_batch(lane: BatchConsumer) -> None:
    lane.last_batch_at = time.time()
    assert await gathered(lane, Consumer([], [5])) == []


async def test_what_is_in_hand_goes_on_though_the_second_look_fails(lane: BatchConsumer) -> None:
    def failing() -> None:
        raise NotCoordinatorForGroupError

    lane.last_batch_at = time.time()
    assert await gathered(lane, Consumer([4, 5], meanwhile=failing)) == [4, 5]


async def test_a_clock_that_goes_back_holds_up_nothing(lane: BatchConsumer) -> None:
    lane.last_batch_at, began = time.time() + 3600, time.monotonic()
    assert await gathered(lane, Consumer([4], [5])) == [4, 5]
    assert time.monotonic() - began < 1


async def test_what_is_in_hand_is_dropped_when_its_share_is_given_up(lane: BatchConsumer) -> None:
    def lose() -> None:
        lane.revocations += 1

    lane.last_batch_at = time.time()
    assert await gathered(lane, Consumer([4, 5], [2, 3], meanwhile=lose)) == [2, 3]
