"""What the pipeline promises on a real PostgreSQL and Kafka: each message once, the messages of each key in order."""

import asyncio

import pytest

from shared.kafka.incoming import Received
from shared.kafka.record import StoredRecord
from shared.postgres.pool import connection
from tests.support.counter_service import (
    MOMENT,
    PARTITIONS,
    Counted,
    Harness,
    envelope,
)


async def test_outputs_of_a_key_are_published_in_the_order_of_its_inputs(harness: Harness) -> None:
    messages = [harness.added(f"{n % 10}", f"{(n + 5) % 10}" if n % 10 == 0 else f"{n % 10}x", n=n) for n in range(300)]
    await harness.publish(*messages)

    async with harness.running(max_records=20):
        await harness.wait_until_processed(600)

    published = await harness.published_numbers()
    for thing, of_thing in published.items():
        assert of_thing == await harness.numbers(thing.removeprefix("thing/"))
    for n in range(1, 10):
        assert published[f"thing/{n}x"] == list(range(n, 300, 10))
    assert sum(map(len, published.values())) == 600


async def test_an_output_is_a_structured_cloudevent(harness: Harness) -> None:
    await harness.publish(harness.added("1", n=1))

    async with harness.running():
        await harness.wait_until_processed(1)

    ((record, counted),) = await harness.published()
    assert record.headers == (("content-type", b"application/cloudevents+json"),)
    assert record.key == b"thing/1"
    assert counted == Counted(bus=harness.name, thing="thing/1", n=1, count=1, filler="")


async def test_a_duplicate_message_is_processed_once(harness: Harness) -> None:
    await harness.publish(harness.added("1", n=1), harness.added("1", n=2))
    harness.published_count = 0
    await harness.publish(harness.added("1", n=1), harness.added("1", n=2), harness.added("1", n=3))

    async with harness.running():
        await harness.wait_until_processed(3)

    assert await harness.numbers("1") == [1, 2, 3]
    assert await harness.published_numbers() == {"thing/1": [1, 2, 3]}


async def test_of_a_duplicate_id_within_a_batch_the_first_counts(harness: Harness) -> None:
    one = envelope(harness.added("1", n=1), 1)
    other = envelope(harness.added("1", n=2), 1)

    async with harness.running() as service:
        await service.handle([one, other, one])

    assert await harness.numbers("1") == [1]


async def test_lost_connections_are_retried_with_the_batch_in_flight(harness: Harness) -> None:
    await harness.publish(*(harness.added(f"{n % 7}", n=n) for n in range(200)))

    async with harness.running(max_records=5):
        for _ in range(8):
            await harness.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query ~ 'inbox|outbox'"
            )
            await asyncio.sleep(0.05)
        await harness.wait_until_processed(200)

    assert await harness.fetch("SELECT FROM dead_letters") == []
    for thing, of_thing in (await harness.published_numbers()).items():
        assert of_thing == list(range(int(thing[6:]), 200, 7))


async def test_a_local_input_that_fails_raises_and_leaves_nothing(harness: Harness) -> None:
    harness.broken.add(2)

    async with harness.running() as service:
        with pytest.raises(LookupError):
            await service.handle([envelope(harness.added("1", n=1), 1), envelope(harness.added("1", n=2), 2)])

    assert await harness.numbers("1") == []
    assert await harness.fetch("SELECT FROM inbox UNION ALL SELECT FROM dead_letters") == []


@pytest.mark.parametrize("size", [1, 10, 400])
async def test_a_batch_of_any_size_takes_eight_statements(harness: Harness, size: int) -> None:
    async with harness.running(concurrency=1) as service, connection(service.pool) as db:
        now = [Received(MOMENT, envelope(harness.added(f"{n % 50}", n=n), n), record(harness, n)) for n in range(size)]
        await service.runner.process(db, service.topology.topics, [warm_up_input(harness)])
        statements: list[str] = []
        with db.query_logger(lambda logged: statements.append(logged.query)):
            await service.runner.process(db, service.topology.topics, now)

    assert len(statements) == 8, statements


async def test_a_transaction_inserts_at_most_one_outbox_batch_per_partition(harness: Harness) -> None:
    async with harness.running(concurrency=1) as service:
        async with connection(service.pool) as db, db.transaction():
            batch = [Received(MOMENT, envelope(harness.added(f"{n % 50}", n=n), n)) for n in range(400)]
            await service.runner.process(db, service.topology.topics, batch)
            rows = await db.fetch("SELECT cardinality(keys) FROM outbox")

    assert len(rows) == PARTITIONS
    assert sum(row[0] for row in rows) == 400


def record(harness: Harness, offset: int) -> StoredRecord:
    return StoredRecord(f"{harness.name}.in", 0, offset, 0, b"thing/1", b"", ())


def warm_up_input(harness: Harness) -> Received:
    """A first message, which makes the connection load types and prepare statements."""
    return Received(
        MOMENT, envelope(harness.added("0", n=-1), 1_000_000), StoredRecord(f"{harness.name}.in", 1, 0, 0, b"", b"", ())
    )
