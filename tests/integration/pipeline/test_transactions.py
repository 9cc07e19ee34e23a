"""Transactions of partners: what is aborted never happened, what is open waits, and neither counts as lag."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from zlib import crc32

from aiokafka import AIOKafkaProducer

from deploy.operations.backlog import consumer_lag
from shared.messages.serialization import encode_envelope
from tests.support.counter_service import PARTITIONS, Harness, envelope
from tests.support.waiting import wait_until


@asynccontextmanager
async def transactional_producer(harness: Harness) -> AsyncIterator[AIOKafkaProducer]:
    async with AIOKafkaProducer(bootstrap_servers=harness.kafka, transactional_id=f"{harness.name}-partner") as producer:
        yield producer


async def send(producer: AIOKafkaProducer, harness: Harness, *numbers: int, thing: str = "1") -> None:
    partition = crc32(f"thing/{thing}".encode()) % PARTITIONS
    for n in numbers:
        value = encode_envelope(envelope(harness.added(thing, n=n), 100 * int(thing) + n))
        await producer.send_and_wait(f"{harness.name}.in", value, key=f"thing/{thing}".encode(), partition=partition)


async def no_lag(harness: Harness) -> bool:
    await harness.fetch("SELECT")
    return await consumer_lag(harness.admin, harness.kafka) == "0"


async def test_an_aborted_transaction_is_not_processed_and_leaves_no_lag(harness: Harness) -> None:
    async with transactional_producer(harness) as producer, harness.running():
        await producer.begin_transaction()
        await send(producer, harness, 1, 2)
        await producer.abort_transaction()
        await wait_until(lambda: no_lag(harness))
        assert await harness.numbers("1") == []

        await producer.begin_transaction()
        await send(producer, harness, 1)
        await producer.commit_transaction()
        await harness.wait_until_processed(1)
        await wait_until(lambda: no_lag(harness))

    assert await harness.numbers("1") == [1]


async def test_an_open_transaction_waits_and_others_do_not(harness: Harness) -> None:
    async with transactional_producer(harness) as producer, harness.running():
        await producer.begin_transaction()
        await send(producer, harness, 1, 2)
        await harness.publish(harness.added("2", n=7))
        await harness.wait_until_processed(1)
        assert await harness.numbers("1") == []
        assert await no_lag(harness)

        await producer.commit_transaction()
        await harness.wait_until_processed(3)

    assert await harness.numbers("1") == [1, 2]


async def test_markers_leave_no_lag_while_other_partitions_are_busy(harness: Harness) -> None:
    """The stored offset passes them, so that a restart does not read them again either."""
    async with transactional_producer(harness) as producer, harness.running():
        for thing in ("1", "2", "3", "4"):
            await producer.begin_transaction()
            await send(producer, harness, 1, thing=thing)
            await (producer.abort_transaction() if thing == "2" else producer.commit_transaction())
        await wait_until(lambda: no_lag(harness))

    assert await no_lag(harness)
