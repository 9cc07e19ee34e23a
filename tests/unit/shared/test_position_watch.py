"""How a consumer notices offsets without records, and that it makes no progress."""

from collections.abc import Mapping

import pytest
from aiokafka import TopicPartition

from shared.kafka.offset_tracker import OffsetTracker
from shared.kafka.position_watch import PositionWatch

TP = TopicPartition("tandem.trial", 0)


class FakeConsumer:
    """Has read up to `position` of a partition that ends at `end`."""

    def __init__(self, position: int, end: int) -> None:
        self.at, self.end = position, end

    def last_stable_offset(self, _: TopicPartition) -> int:
        return self.end

    async def position(self, _: TopicPartition) -> int:
        return self.at


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    moments = [1000.0]
    monkeypatch.setattr("shared.kafka.position_watch.time.monotonic", lambda: moments[0])
    return moments


async def check(watch: PositionWatch, consumer: FakeConsumer, now: list[float]) -> Mapping[TopicPartition, int]:
    now[0] += 10
    return await watch.check(consumer, [TP])


async def test_offsets_without_a_record_are_passed(now: list[float]) -> None:
    offsets = OffsetTracker()
    offsets.processed({TP: 3})

    assert await check(PositionWatch(offsets), FakeConsumer(5, 5), now) == {TP: 5}


async def test_records_that_were_processed_are_not_passed_again(now: list[float]) -> None:
    offsets = OffsetTracker()
    offsets.processed({TP: 5})

    assert await check(PositionWatch(offsets), FakeConsumer(5, 6), now) == {}


async def test_a_consumer_that_polls_and_gets_nowhere_makes_no_progress(now: list[float]) -> None:
    watch, consumer = PositionWatch(OffsetTracker()), FakeConsumer(4, 9)
    for _ in range(3):
        await check(watch, consumer, now)
    assert watch.makes_progress()

    await check(watch, consumer, now)
    assert not watch.makes_progress()

    consumer.at = 5
    await check(watch, consumer, now)
    assert watch.makes_progress()


async def test_a_partition_that_was_handed_over_is_not_missed(now: list[float]) -> None:
    watch = PositionWatch(OffsetTracker())
    await check(watch, FakeConsumer(4, 9), now)
    now[0] += 100
    await watch.check(FakeConsumer(4, 9), [])

    assert watch.makes_progress()
