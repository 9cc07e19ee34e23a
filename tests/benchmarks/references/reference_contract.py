"""What the naive service and the ceiling read and say: the partners' contract as pydantic reads it, a receipt and an event."""

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
    """A CloudEvent of the contract."""

    specversion: Literal["1.0"]
    id: str = Field(min_length=1, max_length=250)
    source: str = Field(pattern=r"^/partner/[a-z0-9-]+(/.*)?$")
    type: T
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    data: D


Submitted = Annotated[
    Event[Literal["tandem.partner.organisation-submitted.v1"], Organisation]
    | Event[Literal["tandem.partner.readiness-reported.v1"], Readiness]
    | Event[Literal["tandem.partner.expert-submitted.v1"], Expert]
    | Event[Literal["tandem.partner.vacancy-submitted.v1"], Vacancy],
    Field(discriminator="type"),
]
validate = TypeAdapter[Any](Submitted).validate_json


class Receipt(BaseModel):
    """What the partner hears."""

    partner: Literal["demo"] = "demo"
    about: str
    outcome: Literal["accepted"] = "accepted"
    topic: str
    partition: int
    offset: int
    event_id: str
    event_source: str
    event_type: str


class Noted(BaseModel):
    """What everybody hears."""

    about: str
    happened: str


class Filed(BaseModel):
    """Words and addresses, on the private topic."""

    about: str
    field: str
    text: str


class Said(BaseModel, Generic[D]):
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
    """What an event is about."""
    data = event.data
    return getattr(data, "organisation", None) or str(data.expert)


def digest_of(value: bytes) -> bytes:
    """Tells the same event sent again from another one under its id."""
    return sha256(value, usedforsecurity=False).digest()


def said(event: Any, record: Any) -> Iterator[tuple[str, Said[Any]]]:
    """A receipt, an event, and what an organisation or an expert tells of people: as many messages as intake says, by topic."""
    about = key_of(event)
    place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
    names = {"event_id": event.id, "event_source": event.source, "event_type": event.type}
    yield RECEIPTS, _made(Said[Receipt], "receipt", event, Receipt(about=about, **place, **names))
    yield EVENTS, _made(Said[Noted], "noted", event, Noted(about=about, happened=event.type))
    for field, text in _words(event.data):
        yield PRIVATE, _made(Said[Filed], "text-filed", event, Filed(about=about, field=field, text=text))


def _made(kind: type[Said[D]], name: str, event: Any, data: D) -> Said[D]:
    return kind(
        id=uuid4(), type=f"tandem.intake.{name}.v1", subject=key_of(event), time=event.time, causationid=event.id, data=data
    )


def _words(data: Any) -> Iterator[tuple[str, str]]:
    if isinstance(data, Organisation):
        yield "coordinator", data.coordinator.email
        yield from (("name", data.name), ("place", data.place), ("improve", data.offer_to_improve or ""))
        yield from (("reason", data.cooperation.reason or ""), ("owner", data.dialogue.owner if data.dialogue else ""))
    elif isinstance(data, Expert):
        yield "expert", data.email
