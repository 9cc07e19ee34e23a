"""A partner's system: it publishes events on its own topic, and reads its own receipts."""

import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any, NamedTuple, Self
from uuid import UUID

from aiokafka import AIOKafkaProducer

from deploy.errors import UserError
from deploy.partner_client.event_files import EventRecord
from deploy.partner_client.topic_tail import Record, RecordPosition, TopicTail
from services.intake.contract import STRUCTURED


class Receipt(NamedTuple):
    """What became of the record at `place`; `cause` is the id under which the record was let in."""

    place: RecordPosition
    cause: UUID
    data: Mapping[str, Any]

    @property
    def outcome(self) -> str:
        return str(self.data["outcome"])

    @property
    def tandem_id(self) -> str:
        return str(self.data["tandem_id"])


class Partner:
    """Speaks and listens on the two topics of one partner, and on nothing else. Entering raises `Trouble` where it has none."""

    def __init__(self, kafka: str, id: str) -> None:
        self.id = id
        self.submissions = f"tandem.partner.{id}.submissions"
        self.published: dict[RecordPosition, EventRecord] = {}
        self.receipts = TopicTail(kafka, [f"tandem.partner.{id}.receipts"], receipt)
        self._producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", request_timeout_ms=10_000)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            opening.push_async_callback(self._producer.stop)
            await self._producer.start()
            await self._is_known()
            await opening.enter_async_context(self.receipts)
            self._closing = opening.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._closing.aclose()

    async def _is_known(self) -> None:
        if self.submissions not in (await self._producer.client.fetch_all_metadata()).topics():
            raise UserError(
                f"Partner {self.id} has no topics: name it in deploy/provision/topology.toml, and run `tandem kafka apply`."
            )

    async def publish(self, one: EventRecord) -> RecordPosition:
        """Puts one record on the bus, in structured mode. Raises what the bus says to one that it does not take."""
        meta = await self._producer.send_and_wait(self.submissions, one.value, one.key, headers=list(STRUCTURED))
        place = RecordPosition(meta.topic, meta.partition, meta.offset)
        self.published[place] = one
        return place

    async def receipt(self, place: RecordPosition) -> Receipt:
        """The receipt of the record at this place."""
        return await self.receipts.first(lambda it: it.place == place, f"the receipt of {self.published[place].name}", "intake")


def receipt(record: Record) -> Receipt:
    event = json.loads(record.value or b"{}")
    data = event["data"]
    return Receipt(RecordPosition(data["topic"], data["partition"], data["offset"]), UUID(event["causationid"]), data)
