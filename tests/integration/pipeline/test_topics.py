"""Topics that are recreated, undeclared, extended or full."""

import asyncio
import time

import pytest

from deploy.provision.kafka_admin import KafkaAdmin
from shared.errors import TopicRecreated
from shared.messages.serialization import encode_envelope
from shared.runtime.service import Service
from tests.support.counter_service import (
    PARTITIONS,
    Harness,
    create_topics,
    declare_topics,
    envelope,
)
from tests.support.waiting import wait_until


async def test_a_recreated_topic_is_read_from_its_start(harness: Harness) -> None:
    await harness.publish(*(harness.added("1", n=n) for n in range(20)))
    async with harness.running() as service:
        await harness.wait_until_processed(20)
        await asyncio.to_thread(delete_input_topic, harness)
        await declare_topics(harness)
        with pytest.raises(TopicRecreated, match="was recreated: restart"):
            await service.topology.refresh()

    await harness.publish(harness.added("1", n=20))
    async with harness.running():
        await harness.wait_until_processed(21)

    assert await harness.numbers("1") == list(range(21))


async def test_a_topic_that_is_not_in_the_topology_is_waited_for(harness: Harness) -> None:
    await harness.fetch(f"DELETE FROM topology WHERE topic = '{harness.name}.in'")
    await harness.publish(harness.added("1", n=1))

    async with harness.running():
        await asyncio.sleep(1)
        assert await harness.numbers("1") == []
        await declare_topics(harness)
        await harness.wait_until_processed(1)


async def test_an_undeclared_topic_of_a_pattern_waits_without_delaying_others(harness: Harness) -> None:
    await asyncio.to_thread(create_topics, harness.kafka, harness.name, ["by-hand"])
    await harness.publish_raw("thing/1", encode_envelope(envelope(harness.added("1", n=1), 1)), suffix="by-hand")
    async with harness.running(concurrency=1, pattern=rf"{harness.name}\.(in|by-hand)") as service:
        await wait_until(lambda: all_healthy(service))
        harness.published_count = 1
        await harness.publish(harness.added("1", n=2))
        await harness.wait_until_processed(1, seconds=5)
        await declare_topics(harness, ["in", "out", "by-hand"])
        await harness.wait_until_processed(2)

    assert await harness.numbers("1") == [2, 1]


async def test_new_partitions_are_published_to(harness: Harness) -> None:
    async with harness.running() as service:
        await harness.publish(*(harness.added(f"{n}", n=n) for n in range(20)))
        await harness.wait_until_processed(20)
        await asyncio.to_thread(grow_output_topic, harness)
        await harness.fetch(f"UPDATE topology SET partitions = {2 * PARTITIONS} WHERE topic = '{harness.name}.out'")
        await service.topology.refresh()
        await harness.publish(*(harness.added(f"{n}", n=n) for n in range(20, 60)))
        await harness.wait_until_processed(60)

    assert len(await harness.published_numbers()) == 60


async def test_a_topic_that_rejects_records_does_not_delay_the_stop(harness: Harness) -> None:
    await asyncio.to_thread(alter_output_topic, harness, {"max.message.bytes": "100"})
    await harness.publish(*(harness.added(f"{n}", n=n) for n in range(20)))
    async with harness.running() as service:
        await wait_until(lambda: is_backing_off(service))
        began = time.monotonic()
    assert time.monotonic() - began < 4

    await asyncio.to_thread(alter_output_topic, harness, {})
    async with harness.running():
        await harness.wait_until_processed(20)


async def all_healthy(service: Service) -> bool:
    return all(consumer.is_healthy() for consumer in service.consumers)


async def is_backing_off(service: Service) -> bool:
    return any(service.relay.backoff)


def alter_output_topic(harness: Harness, then: dict[str, str]) -> None:
    with KafkaAdmin(harness.kafka) as cluster:
        cluster.alter_settings(f"{harness.name}.out", cluster.topics()[f"{harness.name}.out"].settings, then)


def grow_output_topic(harness: Harness) -> None:
    with KafkaAdmin(harness.kafka) as cluster:
        cluster.grow({f"{harness.name}.out": 2 * PARTITIONS})


def delete_input_topic(harness: Harness) -> None:
    with KafkaAdmin(harness.kafka) as cluster:
        cluster.delete([f"{harness.name}.in"])
