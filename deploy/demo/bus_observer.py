"""Who stands by and keeps what is said on the bus: of the private topic only that something was said."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.partner_client.topic_tail import PATIENCE, Record, RecordPosition, TimedOut, TopicTail
from deploy.provision import topology

PRIVATE = "tandem.private"
LOOK = 0.02


@dataclass(frozen=True)
class Told:
    """One message, at its first occurrence, in the chapter that was told then. `data` is empty for what is private."""

    chapter: str
    place: RecordPosition
    id: UUID
    kind: str
    service: str
    subject: str
    cause: UUID | None
    correlation: UUID | None
    time: str
    data: Mapping[str, Any]


class Observer(TopicTail[Told]):
    """All that our services say, in the order it is seen; `repeats` counts what the bus carried once more."""

    def __init__(self, kafka: str) -> None:
        super().__init__(kafka, filter(ours, topology.load_declaration().topic_specs()), self._once)
        self.chapter = ""
        self.repeats = 0
        self._ids: set[UUID] = set()

    def _once(self, record: Record) -> Told | None:
        if record.value is None:
            return None
        place = RecordPosition(record.topic, record.partition, record.offset)
        told = read(record.value, place, self.chapter)
        if told.id in self._ids:
            self.repeats += 1
            return None
        self._ids.add(told.id)
        return told

    async def heard(self, told: Told, service: str) -> None:
        """Returns when the service has handled a message: the offset of its group is past it."""
        part = TopicPartition(told.place.topic, told.place.partition)
        async with AsyncExitStack() as closing:
            admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka)
            closing.push_async_callback(admin.close)
            await admin.start()
            for _ in range(int(PATIENCE / LOOK)):
                at = (await admin.list_consumer_group_offsets(service, partitions=[part])).get(part)
                if at and at.offset > told.place.offset:
                    return
                await asyncio.sleep(LOOK)
        raise TimedOut(f"waited {PATIENCE} s in vain for {service} to hear {told.kind}; its log may say why")


def ours(topic: str) -> bool:
    """What our services write: everything but what partners submit."""
    return topic.startswith("tandem.") and not topic.endswith(".submissions")


def read(value: bytes, place: RecordPosition, chapter: str) -> Told:
    event = json.loads(value)
    return Told(
        chapter=chapter,
        place=place,
        id=UUID(event["id"]),
        kind=event["type"],
        service=event["source"].rpartition("/")[2],
        subject=event["subject"],
        cause=_id(event.get("causationid")),
        correlation=_id(event.get("correlationid")),
        time=event["time"],
        data={} if place.topic == PRIVATE else event["data"],
    )


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None
