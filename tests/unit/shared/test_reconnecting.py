"""A Kafka that is away is asked now and then, not all the time."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.client import AIOKafkaClient

from shared.kafka import reconnecting
from shared.kafka.reconnecting import MetadataBackoffClient


async def test_consumers_and_producers_use_the_calm_client() -> None:
    reconnecting.install()
    consumer, producer = AIOKafkaConsumer(), AIOKafkaProducer()

    assert [type(consumer._client), type(producer.client)] == [MetadataBackoffClient, MetadataBackoffClient]
    await consumer.stop()
    await producer.stop()


async def test_metadata_that_cannot_be_had_are_asked_for_at_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    requests = 0

    async def failing(*_: object) -> bool:
        nonlocal requests
        requests += 1
        return False

    monkeypatch.setattr(AIOKafkaClient, "_metadata_update", failing)
    monkeypatch.setattr(reconnecting, "RETRY_DELAY", 0.1)
    client = MetadataBackoffClient()
    task = asyncio.create_task(client._md_synchronizer())

    async def ask_again_at_once() -> None:
        while True:
            await client.force_metadata_update()

    asking = asyncio.create_task(ask_again_at_once())
    await asyncio.sleep(0.55)
    for running in (asking, task):
        running.cancel()
    await asyncio.gather(asking, task, return_exceptions=True)

    assert 2 <= requests <= 6
