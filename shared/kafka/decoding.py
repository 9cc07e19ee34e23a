"""From Kafka records to envelopes."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from shared.errors import DecodeError
from shared.kafka.incoming import Ignored, Incoming, Received, Undecodable
from shared.kafka.record import KafkaRecord
from shared.messages.envelope import CONTENT_TYPE, Envelope, Message, envelope_decoder

Decode = Callable[[Any, datetime], Envelope[Any] | None]
"""Takes a record and the time of its receipt. Returns None for a record that the service ignores. Raises `DecodeError`."""


class _TypeAttribute(msgspec.Struct):
    type: str


def decoder_for(*messages: type[Message]) -> Decode:
    """Return the decoder of a service that consumes these kinds from our own topics.

    Other kinds are ignored. Another major version of a consumed kind raises `DecodeError`, and so does a record without a value,
    unless its topic is compacted by a key finer than the subject: there it is a tombstone, which is ignored.
    """
    decode, decode_type = envelope_decoder(messages), msgspec.json.Decoder(_TypeAttribute).decode
    kinds, unversioned = {m.kind for m in messages}, {_unversioned(m.kind) for m in messages}
    compacted = {m.default_topic for m in messages if m.record_key is not Message.record_key}

    def decode_value(record: KafkaRecord, now: datetime) -> Envelope[Any] | None:
        if record.value is None:
            if record.topic in compacted:
                return None
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


def decode_batch(records: Sequence[KafkaRecord], decode: Decode, now: datetime) -> list[Incoming]:
    """Decode a batch; an error in one record does not affect the others."""
    return [decode_record(record, decode, now) for record in records]


def decode_record(record: KafkaRecord, decode: Decode, now: datetime) -> Received | Undecodable | Ignored:
    try:
        envelope = decode(record, now)
    except Exception as error:
        return Undecodable(now, record, error)
    return Ignored(record) if envelope is None else Received(now, envelope, record)
