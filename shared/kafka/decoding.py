"""From Kafka records to envelopes."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from shared.errors import DecodeError
from shared.kafka.incoming import Ignored, Incoming, Received, Undecodable
from shared.kafka.record import KafkaRecord, UnreadableRecord
from shared.messages.envelope import CONTENT_TYPE, Envelope, Message, Tombstone, envelope_decoder
from shared.messages.ids import deterministic_uuid
from shared.messages.tombstones import tombstone_envelope

_POSITIONS = UUID("0d0e5a5c-9a53-5f0e-8a0b-3f7c1f5f9d11")  # namespace of ids that derive from a record's position
_FINE_KEY = re.compile(
    r"[a-z]+/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/[!-~]+"
)  # a part of a state: `organisation/<uuid>/text/…`
SLICE_SECONDS = 0.1
Decode = Callable[[Any, datetime], Envelope[Any] | None]
"""Decoder of a record, given the time of its receipt. Returns None for a record to ignore; raises `DecodeError`."""


class _TypeAttribute(msgspec.Struct):
    type: str


def decoder_for(*messages: type[Message]) -> Decode:
    """Return the decoder of a service that consumes these kinds from our own topics.

    Other kinds are ignored. Another major version of a consumed kind raises `DecodeError`, and so does a record without a value,
    unless the topic is compacted: there it is a tombstone, which is ignored if no tombstone of that topic is among the kinds.
    """
    tombstones = {m.default_topic: m for m in messages if issubclass(m, Tombstone)}
    messages = tuple(m for m in messages if not issubclass(m, Tombstone))
    decode, decode_type = envelope_decoder(messages), msgspec.json.Decoder(_TypeAttribute).decode
    kinds, unversioned = {m.kind for m in messages}, {_unversioned(m.kind) for m in messages}
    compacted = {m.default_topic for m in messages if m.compacted}

    def decode_value(record: KafkaRecord, now: datetime) -> Envelope[Any] | None:
        if isinstance(record, UnreadableRecord):
            raise DecodeError(f"the record cannot be read: {record.reason}")
        if record.value is None:
            if record.topic in compacted:
                return _decode_tombstone(tombstones.get(record.topic), record, now)
            raise DecodeError("a record without a value")
        _check_content_type(record)
        try:
            return decode(record.value)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            kind = _kind(decode_type, record.value)
            if kind in kinds:
                raise DecodeError(f"{kind} is invalid{_path(error)}") from None
            if _unversioned(kind) in unversioned:
                raise DecodeError(f"{kind} has an unknown major version") from None
            return None

    return decode_value


def _decode_tombstone(kind: type[Tombstone] | None, record: KafkaRecord, now: datetime) -> Envelope[Any] | None:
    """Return None if the service consumes no tombstones, or if the key belongs to another kind."""
    key = (record.key or b"").decode(errors="replace")
    if kind is None or not _FINE_KEY.fullmatch(key):
        return None
    position = deterministic_uuid(_POSITIONS, f"{record.topic}/{record.partition}/{record.offset}/{record.timestamp}")
    try:
        return tombstone_envelope(kind, key, record.headers, position, now)
    except ValueError:
        raise DecodeError("a tombstone with invalid attributes") from None


def _unversioned(kind: str) -> str:
    return kind.rpartition(".v")[0]


def _check_content_type(record: KafkaRecord) -> None:
    """Reject a record that declares another content type; without a declaration its bytes decide."""
    for name, value in record.headers:
        if name.lower() == "content-type" and (value or b"").split(b";")[0].strip().lower() != CONTENT_TYPE.encode():
            raise DecodeError("the content type is not that of a structured CloudEvent")


def _kind(decode_type: Callable[[bytes], _TypeAttribute], value: bytes) -> str:
    try:
        return decode_type(value).type
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise DecodeError("not a JSON object with a type") from None


def _path(error: Exception) -> str:
    """Return the JSON path in the error's text; the rest of the text could contain a value."""
    found = re.search(r" - at `(\$[^`]*)`$", str(error))
    return f" at {found[1]}" if found else ""


def decode_in_slices(records: Sequence[KafkaRecord], decode: Decode, now: datetime) -> Iterator[list[Incoming]]:
    """Decode a batch, in one slice unless that takes long: then other consumers of the process continue between the slices.

    An error in one record does not affect the others.
    """
    decoded, end = list[Incoming](), time.monotonic() + SLICE_SECONDS
    for record in records:
        decoded.append(decode_record(record, decode, now))
        if time.monotonic() >= end:
            yield decoded
            decoded, end = [], time.monotonic() + SLICE_SECONDS
    if decoded:
        yield decoded


def decode_record(record: KafkaRecord, decode: Decode, now: datetime) -> Received | Undecodable | Ignored:
    try:
        envelope = decode(record, now)
    except Exception as error:
        return Undecodable(now, record, error)
    return Ignored(record) if envelope is None else Received(now, envelope, record)
