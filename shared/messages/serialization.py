"""From messages to the bytes that are published."""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from shared.messages.envelope import Envelope, Message, Tombstone
from shared.messages.ids import deterministic_uuid_text
from shared.messages.tombstones import mark_as_tombstone

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class OutboundRecord(NamedTuple):
    """A serialized message. The subject picks the partition of the topic; `kafka_form` makes value and headers from `value`."""

    topic: str
    record_key: str
    subject: str
    value: bytes


def encode_envelope(envelope: Envelope[Any]) -> bytes:
    """Return the JSON of an envelope, as `envelope_decoder` reads it."""
    return msgspec.json.encode({"type": envelope.data.kind, **msgspec.structs.asdict(envelope)})


def valid_traceparent(text: str | None) -> str | None:
    """Return the W3C trace context, or None if it is invalid: a broken trace is no reason to reject a message."""
    return text if text and _TRACEPARENT.fullmatch(text) else None


class _OutboundEnvelope(msgspec.Struct, gc=False):
    """The CloudEvents attributes, in their order. `gc=False`: instances cannot be part of a reference cycle."""

    id: str
    source: str
    specversion: str
    type: str
    subject: str
    time: str
    datacontenttype: str
    causationid: UUID
    correlationid: UUID
    traceparent: str | UnsetType
    data: Message


def serialize_outputs(cause: Envelope[Any], outputs: Iterable[Message]) -> list[OutboundRecord]:
    """Serialize the outputs of `cause`. Their ids derive from its id, so that processing it again gives the same records."""
    cause_id, time, trace = cause.id.bytes, _iso_time(cause.time), valid_traceparent(cause.traceparent) or UNSET
    causation_id = cause.causationid if cause.data.outputs_inherit_causation and cause.causationid else cause.id
    correlation_id = cause.correlationid or cause.id
    records = []
    for nth, message in enumerate(outputs):
        kind, subject = message.kind, message.subject
        id = deterministic_uuid_text(cause_id, f"{kind}/{nth}")
        envelope = _OutboundEnvelope(
            id, _source(kind), "1.0", kind, subject, time, "application/json", causation_id, correlation_id, trace, message
        )
        record_key = message.record_key if message.compacted else subject
        value = mark_as_tombstone(_encode(envelope)) if isinstance(message, Tombstone) else _encode(envelope)
        records.append(OutboundRecord(message.topic, record_key, subject, value))
    return records


_encode = msgspec.json.Encoder().encode
_iso_time = lru_cache(64)(datetime.isoformat)  # all messages that follow from one cause carry its time


@cache
def _source(kind: str) -> str:
    return f"/tandem/{kind.split('.')[1]}"
