"""A partner's system: publishes events to the partner's topic and reads the partner's receipts."""

import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any, NamedTuple, Self
from uuid import UUID

from deploy.errors import UserError
from deploy.partner_client.publisher import Publisher
from deploy.partner_client.record import EventRecord, RecordPosition, receipts_topic, submissions_topic
from deploy.partner_client.topic_tail import Record, TopicTail


class Receipt(NamedTuple):
    """Receipt of the record at `position`; `cause` is the id that intake gave the record."""

    position: RecordPosition
    id: UUID
    cause: UUID
    data: Mapping[str, Any]

    @property
    def outcome(self) -> str:
        return str(self.data["outcome"])

    @property
    def tandem_id(self) -> str:
        return str(self.data["tandem_id"])


class PartnerClient:
    """Client that uses the two topics of one partner and nothing else. Entering raises `UserError` if the partner has no topics."""

    def __init__(self, kafka: str, partner: str) -> None:
        self.partner = partner
        self.receipts = TopicTail(kafka, [receipts_topic(partner)], decode_receipt)
        self._publisher = Publisher[EventRecord](kafka)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._publisher)
            await self._require_topics()
            await stack.enter_async_context(self.receipts)
            self._exit_stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exit_stack.aclose()

    @property
    def published(self) -> Mapping[RecordPosition, EventRecord]:
        return self._publisher.published

    async def _require_topics(self) -> None:
        if submissions_topic(self.partner) not in await self._publisher.topics():
            raise UserError(
                f"Partner {self.partner} has no topics: add it to deploy/provision/topology.toml and run `tandem kafka apply`."
            )

    async def publish(self, record: EventRecord) -> RecordPosition:
        """Publish one record and wait until Kafka has it. Raises `KafkaError`."""
        return await self._publisher.publish(submissions_topic(self.partner), record)

    async def wait_for_receipt(self, position: RecordPosition) -> Receipt:
        """Return the receipt of a published record. Raises `TimedOut`."""
        description = f"receipt of {self.published[position].name}"
        return await self.receipts.first(lambda receipt: receipt.position == position, description, "intake")


def decode_receipt(record: Record) -> Receipt:
    event = json.loads(record.value or b"{}")
    data = event["data"]
    position = RecordPosition(data["topic"], data["partition"], data["offset"])
    return Receipt(position, UUID(event["id"]), UUID(event["causationid"]), data)
