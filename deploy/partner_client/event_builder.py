"""Valid partner events, built from the contract's examples. All people in them are invented."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from deploy.partner_client.record import EventRecord
from services.intake import contract


def build_event(kind: str, partner: str, id: str, time: datetime, **data: Any) -> dict[str, Any]:
    """Return the contract's example of `kind` with these fields replaced."""
    event = contract.example(kind, partner, id, time)
    event["data"] |= data
    return event


def encode_event(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode()


def event_record(name: str, event: Mapping[str, Any]) -> EventRecord:
    """Return the record of an event, with the contract's key."""
    key = contract.record_key(event)
    return EventRecord(name, key.encode() if key else None, encode_event(event))


def person(name: str, mailbox: str) -> dict[str, str]:
    """Return the contact details of an invented person."""
    return {"name": name, "email": f"{mailbox}@mensen.example", "phone": "+32 2 000 00 10"}


def fixed_tandem(name: str, mailbox: str) -> dict[str, Any]:
    """Return a vacancy's tandem with one partner who takes part."""
    return {"form": "fixed_one_to_one", "partner_type": "helper", "partners": [person(name, mailbox) | {"willing": True}]}


def yes_to(items: Iterable[str]) -> list[dict[str, str]]:
    """Return the answers of a readiness report that confirms these items."""
    return [{"item": item, "answer": "yes"} for item in items]
