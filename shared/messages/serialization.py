"""From messages to the bytes that are published."""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

import msgspec

from shared.messages.envelope import Envelope, Message
from shared.messages.ids import deterministic_uuid_text

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class OutboundRecord(NamedTuple):
    """A serialized message. The subject picks the partition of the topic."""

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


def serialize_outputs(cause: Envelope[Any], outputs: Iterable[Message]) -> list[OutboundRecord]:
    """Serialize the outputs of `cause`. Their ids derive from its id, so that processing it again gives the same records.

    The envelope's attributes are written without escaping: ids, times, kinds and entity keys need none, a traceparent is checked.
    The same as `encode_envelope` (see test_serialization.py) in a third of the time.
    """
    cause_id = cause.id.bytes
    shared = _shared_attributes(cause)
    records = []
    for nth, message in enumerate(outputs):
        subject = message.subject
        id = deterministic_uuid_text(cause_id, f"{message.kind}/{nth}")
        attributes = f'{{"id":"{id}",{_type_attributes(message.kind)},"subject":"{subject}",{shared}'
        record_key = subject if type(message).record_key is Message.record_key else message.record_key
        records.append(OutboundRecord(message.topic, record_key, subject, attributes.encode() + _encode(message) + b"}"))
    return records


_encode = msgspec.json.Encoder().encode


@cache
def _type_attributes(kind: str) -> str:
    return f'"source":"/tandem/{kind.split(".")[1]}","specversion":"1.0","type":"{kind}"'


def _shared_attributes(cause: Envelope[Any]) -> str:
    """Return the attributes that all outputs of `cause` share, up to the data."""
    trace = f'"traceparent":"{cause.traceparent}",' if valid_traceparent(cause.traceparent) else ""
    id = str(cause.id)
    causation_id = str(cause.causationid) if cause.data.transparent_to_causation and cause.causationid else id
    return (
        f'"time":"{_iso_time(cause.time)}","datacontenttype":"application/json","causationid":"{causation_id}",'
        f'"correlationid":"{cause.correlationid or id}",{trace}"data":'
    )


_iso_time = lru_cache(64)(datetime.isoformat)  # all causes in a batch have few different times
