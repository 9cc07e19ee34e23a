"""Who stands by and keeps what is said on the bus: of the private topic only that something was said."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from deploy import topology
from deploy.journey.tail import Record, Tail

PRIVATE = "tandem.private"


@dataclass(frozen=True)
class Told:
    """One message, at its first occurrence, in the chapter that was told then. `data` is empty for what is private."""

    chapter: str
    id: UUID
    kind: str
    service: str
    subject: str
    cause: UUID | None
    correlation: UUID | None
    time: str
    data: Mapping[str, Any]


class Observer(Tail[Told]):
    """All that our services say, in the order it is seen; `repeats` counts what the bus carried once more."""

    def __init__(self, kafka: str) -> None:
        super().__init__(kafka, filter(ours, topology.declared().wanted()), self._once)
        self.chapter = ""
        self.repeats = 0
        self._ids: set[UUID] = set()

    def _once(self, record: Record) -> Told | None:
        if record.value is None:
            return None
        told = read(record.value, self.chapter, private=record.topic == PRIVATE)
        if told.id in self._ids:
            self.repeats += 1
            return None
        self._ids.add(told.id)
        return told


def ours(topic: str) -> bool:
    """What our services write: everything but what partners submit."""
    return topic.startswith("tandem.") and not topic.endswith(".submissions")


def read(value: bytes, chapter: str, *, private: bool) -> Told:
    event = json.loads(value)
    return Told(
        chapter=chapter,
        id=UUID(event["id"]),
        kind=event["type"],
        service=event["source"].rpartition("/")[2],
        subject=event["subject"],
        cause=_id(event.get("causationid")),
        correlation=_id(event.get("correlationid")),
        time=event["time"],
        data={} if private else event["data"],
    )


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None
