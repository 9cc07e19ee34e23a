"""Tombstones: records without a value, which erase a key of a compacted topic. Their CloudEvents attributes are Kafka headers.

The id among them makes a repeated tombstone a duplicate: without it, a repeat would erase data published after the first.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

import msgspec

from shared.messages.envelope import CONTENT_TYPE, Envelope, Tombstone

Headers: TypeAlias = Sequence[tuple[str, bytes]]
HEADERS: Final[Headers] = [("content-type", CONTENT_TYPE.encode())]
_MARK = b"\0"  # no JSON begins with it


def mark_as_tombstone(envelope: bytes) -> bytes:
    """Return the outbox payload of a tombstone: the envelope, marked for `kafka_form`."""
    return _MARK + envelope


def kafka_form(value: bytes) -> tuple[bytes | None, Headers]:
    """Return the value and headers of the Kafka record: an event in structured content mode, or a tombstone."""
    if not value.startswith(_MARK):
        return value, HEADERS
    envelope = msgspec.json.decode(value[1:])
    return None, [(f"ce_{name}", str(text).encode()) for name, text in envelope.items() if name not in ("data", "datacontenttype")]


def tombstone_envelope(
    kind: type[Tombstone], key: str, headers: Sequence[tuple[str, bytes | None]], default_id: UUID, received_at: datetime
) -> Envelope[Tombstone]:
    """Return the tombstone of a record key. One that an operator wrote has no headers: it gets `default_id`.

    Raises `ValueError` for headers that no service of ours writes.
    """
    found = {name: (value or b"").decode() for name, value in headers if name.startswith("ce_")}
    message = kind(key)
    return Envelope(
        id=UUID(found["ce_id"]) if "ce_id" in found else default_id,
        source=found.get("ce_source", "/tandem"),
        subject=message.subject,
        time=datetime.fromisoformat(found["ce_time"]) if "ce_time" in found else received_at,
        causationid=UUID(found["ce_causationid"]) if "ce_causationid" in found else None,
        correlationid=UUID(found["ce_correlationid"]) if "ce_correlationid" in found else None,
        data=message,
    )
