"""How a lane gathers: at once when it was idle, together with what comes soon after another batch, and never around a gap."""

import time
from collections import deque
from typing import Any, NamedTuple
from unittest.mock import AsyncMock

import pytest
from aiokafka import TopicPartition

from shared import bus
from shared.consumer import GATHER, Lane, Route

LINE = TopicPartition("tandem.trial", 0)


class Brought(NamedTuple):
    """A record, as far as a lane that gathers looks at it."""

    offset: int


class Consumer:
    """Gives what it was told to, look by look; between two looks the lane may get its share anew."""

    def __init__(self, *looks: list[int], share: Any = None) -> None:
        self.looks, self.share, self.asked = deque(looks), share, list[int]()

    async def getmany(self, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[Brought]]:
        self.asked.append(max_records)
        if len(self.asked) == 2 and self.share:
            self.share()
        found = self.looks.popleft()
        return {LINE: [Brought(offset) for offset in found]} if found else {}


@pytest.fixture
def lane() -> Lane:
    route = Route("tandem.trial", None, lambda record, now: None, size=5)
    return Lane(bus.broker("127.0.0.1:9", patience=1), "trial", route, AsyncMock(), AsyncMock(), AsyncMock(), AsyncMock())


async def gathered(lane: Lane, consumer: Consumer) -> list[int]:
    return [record.offset for record in await lane.subscriber.get_msg(consumer)]


async def test_after_a_while_of_nothing_a_record_is_taken_at_once(lane: Lane) -> None:
    lane.heard_at = time.time() - 2 * GATHER
    consumer = Consumer([0], [1])
    assert await gathered(lane, consumer) == [0]
    assert consumer.looks


async def test_soon_after_a_batch_what_comes_a_little_later_is_taken_too(lane: Lane) -> None:
    lane.heard_at, began = time.time(), time.monotonic()
    consumer = Consumer([0, 1], [2])
    assert await gathered(lane, consumer) == [0, 1, 2]
    assert consumer.asked == [5, 3]
    assert time.monotonic() - began >= GATHER / 2


async def test_a_full_batch_waits_for_nothing(lane: Lane) -> None:
    lane.heard_at = time.time()
    assert await gathered(lane, Consumer([0, 1, 2, 3, 4], [5])) == [0, 1, 2, 3, 4]


async def test_nothing_is_no_batch(lane: Lane) -> None:
    lane.heard_at = time.time()
    assert await gathered(lane, Consumer([], [5])) == []


async def test_a_share_got_anew_meanwhile_is_read_from_where_the_database_stands(lane: Lane) -> None:
    def again() -> None:
        lane.shares += 1

    lane.heard_at = time.time()
    assert await gathered(lane, Consumer([4, 5], [2, 3], share=again)) == [2, 3]
