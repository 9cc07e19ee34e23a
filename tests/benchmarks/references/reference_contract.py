"""Messages of the naive service and the ceiling: the partners' contract in pydantic, a receipt, and as many outputs as intake."""

import os
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID, uuid4  # noqa: TID251

from pydantic import BaseModel, Field, TypeAdapter

from services.intake.contract.expert import Expert
from services.intake.contract.organisation import Organisation
from services.intake.contract.readiness import Readiness
from services.intake.contract.vacancy import Vacancy

KAFKA, DATABASE = os.environ.get("BENCH_KAFKA", ""), os.environ.get("BENCH_DATABASE", "")
SUBMISSIONS, RECEIPTS = "tandem.partner.demo.submissions", "tandem.partner.demo.receipts"
EVENTS, PRIVATE = "tandem.intake", "tandem.private"
T = TypeVar("T", bound=str)
D = TypeVar("D", bound=BaseModel)


class Event(BaseModel, Generic[T, D]):
    """A CloudEvent of the partners' contract."""

    specversion: Literal["1.0"]
    id: str = Field(min_length=1, max_length=250)
    source: str = Field(pattern=r"^/partner/[a-z0-9-]+(/.*)?$")
    type: T
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    data: D


SubmittedEvent = Annotated[
    Event[Literal["tandem.partner.organisation-submitted.v1"], Organisation]
    | Event[Literal["tandem.partner.readiness-reported.v1"], Readiness]
    | Event[Literal["tandem.partner.expert-submitted.v1"], Expert]
    | Event[Literal["tandem.partner.vacancy-submitted.v1"], Vacancy],
    Field(discriminator="type"),
]
parse_event = TypeAdapter[Any](SubmittedEvent).validate_json


class Receipt(BaseModel):
    """The receipt of an accepted event."""

    partner: Literal["demo"] = "demo"
    about: str
    outcome: Literal["accepted"] = "accepted"
    topic: str
    partition: int
    offset: int
    event_id: str
    event_source: str
    event_type: str


class EventAccepted(BaseModel):
    """The event for other services."""

    about: str
    event_type: str


class TextFiled(BaseModel):
    """A free text or an address, for the private topic."""

    about: str
    field: str
    text: str


class Output(BaseModel, Generic[D]):
    """A CloudEvent of ours."""

    id: UUID
    source: Literal["/tandem/intake"] = "/tandem/intake"
    specversion: Literal["1.0"] = "1.0"
    type: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    causationid: str
    data: D


def key_of(event: Any) -> str:
    """Return the id of the entity that an event concerns."""
    data = event.data
    return getattr(data, "organisation", None) or str(data.expert)


def digest_of(value: bytes) -> bytes:
    """Return a digest that tells a repeated event from another one with the same id."""
    return sha256(value, usedforsecurity=False).digest()


def outputs_of(event: Any, record: Any) -> Iterator[tuple[str, Output[Any]]]:
    """Yield a receipt, an event, and a message for each text or address: as many as intake publishes, each with its topic."""
    about = key_of(event)
    position = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
    names = {"event_id": event.id, "event_source": event.source, "event_type": event.type}
    yield RECEIPTS, _output(Output[Receipt], "receipt", event, Receipt(about=about, **position, **names))
    yield EVENTS, _output(Output[EventAccepted], "accepted", event, EventAccepted(about=about, event_type=event.type))
    for field, text in _texts(event.data):
        yield PRIVATE, _output(Output[TextFiled], "text-filed", event, TextFiled(about=about, field=field, text=text))


def _output(kind: type[Output[D]], name: str, event: Any, data: D) -> Output[D]:
    return kind(
        id=uuid4(), type=f"tandem.intake.{name}.v1", subject=key_of(event), time=event.time, causationid=event.id, data=data
    )


def _texts(data: Any) -> Iterator[tuple[str, str]]:
    if isinstance(data, Organisation):
        yield "coordinator", data.coordinator.email
        yield from (("name", data.name), ("place", data.place), ("improve", data.offer_to_improve or ""))
        yield from (("reason", data.cooperation.reason or ""), ("owner", data.dialogue.owner if data.dialogue else ""))
    elif isinstance(data, Expert):
        yield "expert", data.email
