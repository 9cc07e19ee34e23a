"""Observation of everything that the services publish; of the private topic only the attributes, never the data."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.partner_client.record import RecordPosition
from deploy.partner_client.topic_tail import WAIT_TIMEOUT, Record, TimedOut, TopicTail
from deploy.provision import topology

PRIVATE_TOPIC = "tandem.private"
POLL_INTERVAL = 0.02


@dataclass(frozen=True)
class ObservedMessage:
    """The first occurrence of a message, with the section of the demo that was being played. Private messages have no `data`."""

    section: str
    position: RecordPosition
    id: UUID
    kind: str
    service: str
    subject: str
    cause: UUID | None
    correlation: UUID | None
    time: str
    data: Mapping[str, Any]


class BusObserver(TopicTail[ObservedMessage]):
    """Collector of the services' messages in the order of arrival; `repeats` counts repeated deliveries."""

    def __init__(self, kafka: str) -> None:
        super().__init__(kafka, filter(is_service_topic, topology.load_declaration().topic_specs()), self._decode_first)
        self.section = ""
        self.repeats = 0
        self._ids: set[UUID] = set()

    def _decode_first(self, record: Record) -> ObservedMessage | None:
        if record.value is None:
            return None
        position = RecordPosition(record.topic, record.partition, record.offset)
        message = decode(record.value, position, self.section)
        if message.id in self._ids:
            self.repeats += 1
            return None
        self._ids.add(message.id)
        return message

    async def wait_until_processed(self, message: ObservedMessage, service: str) -> None:
        """Wait until the service has committed an offset past this message. Raises `TimedOut`."""
        partition = TopicPartition(message.position.topic, message.position.partition)
        async with AsyncExitStack() as stack:
            admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka)
            stack.push_async_callback(admin.close)
            await admin.start()
            for _ in range(int(WAIT_TIMEOUT / POLL_INTERVAL)):
                committed = (await admin.list_consumer_group_offsets(service, partitions=[partition])).get(partition)
                if committed and committed.offset > message.position.offset:
                    return
                await asyncio.sleep(POLL_INTERVAL)
        raise TimedOut(f"{service} did not process {message.kind} within {WAIT_TIMEOUT} s; see its log")


def is_service_topic(topic: str) -> bool:
    """Return True for every topic of the system except those that partners write to."""
    return topic.startswith("tandem.") and not topic.endswith(".submissions")


def decode(value: bytes, position: RecordPosition, section: str) -> ObservedMessage:
    event = json.loads(value)
    return ObservedMessage(
        section=section,
        position=position,
        id=UUID(event["id"]),
        kind=event["type"],
        service=event["source"].rpartition("/")[2],
        subject=event["subject"],
        cause=_optional_uuid(event.get("causationid")),
        correlation=_optional_uuid(event.get("correlationid")),
        time=event["time"],
        data={} if position.topic == PRIVATE_TOPIC else event["data"],
    )


def _optional_uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None
