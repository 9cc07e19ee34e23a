"""A partner's system: it publishes events on its own topic, and reads its own receipts."""

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, NamedTuple, Self
from uuid import UUID

from aiokafka import AIOKafkaProducer

from deploy.journey.cast import Event
from deploy.journey.tail import Place, Record, Tail
from services.intake.contract import STRUCTURED


class Receipt(NamedTuple):
    """What became of the record at `place`; `cause` is the id under which the record was let in."""

    place: Place
    cause: UUID
    data: Mapping[str, Any]

    @property
    def outcome(self) -> str:
        return str(self.data["outcome"])

    @property
    def tandem_id(self) -> str:
        return str(self.data["tandem_id"])


class Partner:
    """Speaks and listens on the two topics of one partner, and on nothing else."""

    def __init__(self, kafka: str, id: str) -> None:
        self.id = id
        self.submissions = f"tandem.partner.{id}.submissions"
        self.published: dict[Place, Event] = {}
        self._producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", request_timeout_ms=10_000)
        self._receipts = Tail(kafka, [f"tandem.partner.{id}.receipts"], receipt)

    async def __aenter__(self) -> Self:
        await self._receipts.__aenter__()
        try:
            await self._producer.start()
        except BaseException:
            await self._receipts.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._producer.stop()
        await self._receipts.__aexit__(kind, error, trace)

    async def publish(self, event: Event) -> Place:
        """Puts one record on the bus, in structured mode."""
        meta = await self._producer.send_and_wait(self.submissions, event.value, event.key.encode(), headers=list(STRUCTURED))
        place = Place(meta.topic, meta.partition, meta.offset)
        self.published[place] = event
        return place

    async def receipt(self, place: Place) -> Receipt:
        """The receipt of the record at this place."""
        return await self._receipts.first(lambda it: it.place == place, f"the receipt of {self.published[place].name}", "intake")


def receipt(record: Record) -> Receipt:
    event = json.loads(record.value or b"{}")
    data = event["data"]
    return Receipt(Place(data["topic"], data["partition"], data["offset"]), UUID(event["causationid"]), data)
