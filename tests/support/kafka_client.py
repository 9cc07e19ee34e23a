"""Publishes to and observes running services over Kafka alone, as another service does."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID
from zlib import crc32

from deploy.partner_client.publisher import Publisher
from deploy.partner_client.record import EventRecord
from deploy.partner_client.topic_tail import Record, TopicTail
from shared.messages import coaching, intake, matching, notify
from shared.messages.envelope import Envelope, Message, envelope_decoder
from shared.messages.ids import deterministic_uuid
from shared.messages.serialization import serialize_outputs
from shared.messages.tombstones import kafka_form
from tests.support.ids import new_id

M = TypeVar("M", bound=Message)
TOPICS = ("tandem.intake", "tandem.matching", "tandem.coaching", "tandem.notify")
PARTITIONS = 12
decode = envelope_decoder([*intake.KINDS, *matching.KINDS, *coaching.KINDS, *notify.KINDS])


class Prepared(NamedTuple):
    """A message with a cause of its own, as its publisher would put it on Kafka."""

    id: UUID
    topic: str
    partition: int
    record: EventRecord


def prepare(message: Message, at: datetime) -> Prepared:
    """Return the record of a message that no service has published."""
    cause = Envelope(id=new_id(), source="/test", subject=message.subject, time=at, data=message)
    (output,) = serialize_outputs(cause, [message])
    value, headers = kafka_form(output.value)
    record = EventRecord(message.kind, output.record_key.encode(), value, headers)
    id = deterministic_uuid(cause.id, f"{message.kind}/0")
    return Prepared(id, output.topic, crc32(output.subject.encode()) % PARTITIONS, record)


class KafkaClient:
    """Publishes messages, and collects what the services have published since it was opened."""

    def __init__(self, publisher: Publisher[EventRecord], tail: TopicTail[Envelope[Any]]) -> None:
        self._publisher, self._tail = publisher, tail

    @property
    def received(self) -> list[Envelope[Any]]:
        return self._tail.received

    async def publish(self, *messages: Message, at: datetime | None = None) -> list[UUID]:
        """Publish messages, each with its own cause, and return their ids."""
        return [await self._publish(message, at or datetime.now(UTC)) for message in messages]  # noqa: TID251

    async def _publish(self, message: Message, at: datetime) -> UUID:
        prepared = prepare(message, at)
        await self._publisher.publish(prepared.topic, prepared.record, prepared.partition)
        return prepared.id

    def find_all(self, kind: type[M], matches: Callable[[M], bool] = lambda message: True) -> list[Envelope[M]]:
        """Return the matching messages received so far."""
        return [envelope for envelope in self.received if _is(kind, matches, envelope)]

    async def wait_for(self, kind: type[M], matches: Callable[[M], bool], nth: int = 1) -> Envelope[M]:
        """Return the nth matching message. Raises `TimedOut` after 30 seconds."""
        await self._tail.first(lambda _: len(self.find_all(kind, matches)) >= nth, kind.kind, "the services")
        return self.find_all(kind, matches)[nth - 1]


def _is(kind: type[M], matches: Callable[[M], bool], envelope: Envelope[Any]) -> bool:
    return type(envelope.data) is kind and matches(envelope.data)


@asynccontextmanager
async def kafka_client(kafka: str) -> AsyncIterator[KafkaClient]:
    """Open a client that observes the services' topics from now on."""
    async with Publisher[EventRecord](kafka) as publisher, TopicTail(kafka, TOPICS, _decode) as tail:
        yield KafkaClient(publisher, tail)


def _decode(record: Record) -> Envelope[Any] | None:
    return decode(record.value) if record.value else None
