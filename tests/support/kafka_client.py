"""Speaks to the running services as the other services do, and hears what they say: over the bus alone."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID
from zlib import crc32

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared.messages import coaching, intake, matching, notify
from shared.messages.envelope import CONTENT_TYPE, Envelope, Message, deterministic_uuid, envelope_decoder, serialize_outputs

M = TypeVar("M", bound=Message)
ROOT = UUID(int=5)
read = envelope_decoder([*intake.KINDS, *matching.KINDS, *coaching.KINDS, *notify.KINDS])


def fresh() -> UUID:
    """An id that no other test uses."""
    return deterministic_uuid(ROOT, secrets.token_hex(8))


class KafkaClient:
    """What was said on our topics since the test began, and a way to say more."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self.producer = producer
        self.heard: list[Envelope[Any]] = []
        self.changed = asyncio.Condition()

    async def say(self, *messages: Message, at: datetime | None = None) -> list[UUID]:
        """Publishes messages, each with a cause of its own; returns their ids."""
        return [await self._say(message, at or datetime.now(UTC)) for message in messages]  # noqa: TID251

    async def _say(self, message: Message, at: datetime) -> UUID:
        cause = Envelope(id=fresh(), source="/test", subject=message.subject, time=at, data=message)
        (sealed,) = serialize_outputs(cause, [message])
        partition = crc32(sealed.subject.encode()) % 12
        headers = [("content-type", CONTENT_TYPE.encode())]
        await self.producer.send_and_wait(sealed.topic, sealed.value, sealed.record_key.encode(), partition, headers=headers)
        return read(sealed.value).id

    def all(self, kind: type[M], wanted: Callable[[M], bool] = lambda message: True) -> list[Envelope[M]]:
        """What was heard of a kind so far."""
        return [envelope for envelope in self.heard if type(envelope.data) is kind and wanted(envelope.data)]

    async def hears(self, kind: type[M], wanted: Callable[[M], bool], nth: int = 1) -> Envelope[M]:
        """The nth of these messages; fails after 30 seconds."""
        async with asyncio.timeout(30), self.changed:
            await self.changed.wait_for(lambda: len(self.all(kind, wanted)) >= nth)
        return self.all(kind, wanted)[nth - 1]


@asynccontextmanager
async def wire(kafka: str) -> AsyncIterator[KafkaClient]:
    """Listens to our topics from now on."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all")
    topics = ["tandem.intake", "tandem.matching", "tandem.coaching", "tandem.notify"]
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=kafka, auto_offset_reset="latest")
    await producer.start()
    await consumer.start()
    await consumer.seek_to_end()
    made = KafkaClient(producer)
    listening = asyncio.create_task(_listen(consumer, made))
    try:
        yield made
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await consumer.stop()
        await producer.stop()


async def _listen(consumer: AIOKafkaConsumer, made: KafkaClient) -> None:
    async for record in consumer:
        async with made.changed:
            made.heard.append(read(record.value))
            made.changed.notify_all()
