"""Offsets: PostgreSQL is authoritative, Kafka only shows the lag."""

import asyncio
from datetime import datetime
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from shared.kafka.consumer import BatchConsumer
from shared.kafka.decoding import decoder_for
from shared.kafka.record import KafkaRecord
from shared.messages.envelope import Envelope
from shared.pipeline import inbox
from tests.support.counter_service import (
    Added,
    Harness,
)
from tests.support.waiting import wait_until


async def test_a_kind_that_is_not_consumed_only_advances_the_offset(harness: Harness) -> None:
    await harness.publish_raw("thing/1", b'{"type":"tandem.counter.ignored.v1","data":{}}')
    await harness.publish(harness.added("1", n=1))

    async with harness.running():
        await harness.wait_until_processed(1)

    assert await harness.fetch("SELECT sum(next_offset) FROM consumer_offsets") == [(2,)]
    assert await harness.fetch("SELECT FROM dead_letters") == []


async def test_a_batch_whose_offsets_kafka_does_not_know_is_not_processed_again(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(*_: Any) -> None:
        pass

    monkeypatch.setattr(BatchConsumer, "commit_offsets", silent)
    await harness.publish(*(harness.added("1", n=n) for n in range(50)))
    async with harness.running():
        await harness.wait_until_processed(50)

    await harness.publish(harness.added("1", n=50))
    async with harness.running():
        await harness.wait_until_processed(51)

    assert await harness.published_numbers() == {"thing/1": list(range(51))}


async def test_after_a_crash_the_lag_returns_to_zero_without_new_records(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(*_: Any) -> None:
        pass

    with monkeypatch.context() as patched:
        patched.setattr(BatchConsumer, "commit_offsets", silent)
        await harness.publish(harness.added("1", n=1))
        async with harness.running():
            await harness.wait_until_processed(1)

    async with harness.running():
        await wait_until(lambda: committed_offsets(harness, 1))


async def test_ignored_records_are_skipped_once_and_leave_no_inbox_row(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    def counting(record: KafkaRecord, now: datetime) -> Envelope[Any] | None:
        seen.append(record.offset)
        return decode(record, now)

    seen, decode = list[int](), decoder_for(Added)
    for n in range(50):
        await harness.publish_raw(f"thing/{n}", b'{"type":"tandem.counter.ignored.v1"}')
    async with harness.running(concurrency=1, decode=counting):
        await wait_until(lambda: stored_offsets(harness, 50))
        await wait_until(lambda: committed_offsets(harness, 50))
        assert await harness.fetch("SELECT FROM inbox") == []
    async with harness.running(concurrency=1, decode=counting):
        await harness.publish(harness.added("1", n=1))
        await harness.wait_until_processed(1)

    assert len(seen) == 51


async def test_of_offsets_skipped_by_two_consumers_the_larger_counts(harness: Harness) -> None:
    partition = TopicPartition(f"{harness.name}.in", 0)
    async with harness.running() as service:
        ahead, behind = service.consumers
        ahead.offsets.skipped({partition: 9})
        behind.offsets.skipped({partition: 5})
        await wait_until(lambda: stored_offsets(harness, 9))


async def test_the_inbox_drops_duplicates_after_the_offsets_were_lost(harness: Harness) -> None:
    await harness.publish(*(harness.added("1", n=n) for n in range(50)))
    async with harness.running():
        await harness.wait_until_processed(50)

    await harness.fetch("TRUNCATE consumer_offsets")
    await harness.publish(harness.added("1", n=50))
    async with harness.running():
        await harness.wait_until_processed(51)

    assert await harness.numbers("1") == list(range(51))


async def test_after_a_restore_records_are_read_again_whatever_kafka_committed(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand = inbox.load_offsets

    async def slow(*arguments: Any) -> Any:
        await asyncio.sleep(0.5)
        return await stand(*arguments)

    await harness.publish(*(harness.added("1", n=n) for n in range(10)))
    async with harness.running():
        await harness.wait_until_processed(10)

    monkeypatch.setattr(inbox, "load_offsets", slow)
    await harness.fetch("TRUNCATE consumer_offsets, inbox, counter")
    await harness.publish(harness.added("1", n=10), harness.added("1", n=11))
    async with harness.running():
        await harness.wait_until_processed(12)

    assert await harness.numbers("1") == list(range(12))


async def stored_offsets(harness: Harness, count: int) -> bool:
    """Return True if the offsets in PostgreSQL add up to `count`."""
    return await harness.fetch("SELECT coalesce(sum(next_offset), 0)::int FROM consumer_offsets") == [(count,)]


async def committed_offsets(harness: Harness, count: int) -> bool:
    """Return True if the offsets that the group committed to Kafka add up to `count`."""
    admin = AIOKafkaAdminClient(bootstrap_servers=harness.kafka)
    try:
        await admin.start()
        return bool(sum(at.offset for at in (await admin.list_consumer_group_offsets(harness.name)).values()) == count)
    finally:
        await admin.close()
