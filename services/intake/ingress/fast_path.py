"""Fast path of the ingress: plain, valid events at half the cost of the full path (`docs/performance.md`).

`try_fast_path` returns what `validate` would return, or None; `tests/unit/intake/test_fast_path.py` compares the two.
"""

from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from msgspec import UNSET, Meta, MsgspecError, Raw, Struct, UnsetType
from msgspec.json import Decoder
from msgspec.json import decode as from_json
from pydantic import ValidationError

from services.intake.contract import KINDS, MAX_ATTRIBUTE_LENGTH, STRUCTURED, type_name
from services.intake.contract.fields import ContractModel
from services.intake.domain.inputs import to_input
from services.intake.domain.submission import RecordInfo
from services.intake.ingress.cloudevents import is_line, time_errors, valid_source
from services.intake.ingress.contract_validation import SMALL_BYTES, body_digest, canonical
from services.intake.ingress.full_path import Decoded
from services.intake.ingress.strict_json import has_no_duplicate_names
from shared.kafka.record import KafkaRecord
from shared.messages.serialization import valid_traceparent

HEADERS = tuple(STRUCTURED)
_Attribute = Annotated[str, Meta(min_length=1, max_length=MAX_ATTRIBUTE_LENGTH)]


class _SimpleEvent(Struct, forbid_unknown_fields=True):
    """An event in structured mode without extension attributes."""

    specversion: Literal["1.0"]
    id: _Attribute
    source: _Attribute
    type: str
    time: str
    data: Raw
    subject: _Attribute | UnsetType = UNSET
    datacontenttype: Literal["application/json"] | UnsetType = UNSET
    traceparent: str | UnsetType = UNSET

    @property
    def expected_quotes(self) -> int:
        """The quotation marks of the event if no attribute is duplicated (see `has_no_duplicate_names`).

        An attribute has four, for its name and its value; `data` has two for its name, and those inside.
        """
        optional = (self.subject is not UNSET) + (self.datacontenttype is not UNSET) + (self.traceparent is not UNSET)
        return 4 * (5 + optional) + 2 + bytes(self.data).count(b'"')


class _Kind(NamedTuple):
    name: str
    model: type[ContractModel]


_decode_event = Decoder(_SimpleEvent).decode
_KINDS = {type_name(kind, major): _Kind(kind, model) for kind, majors in KINDS.items() for major, model in majors.items()}


def try_fast_path(record: KafkaRecord, partner: str, granted: frozenset[str], now: datetime) -> Decoded | None:
    """Decode a plain, valid event. Returns None if anything is unusual; `validate` then decides, with the same result."""
    event = _decode(record)
    kind = _KINDS.get(event.type) if event else None
    if event is None or kind is None or kind.name not in granted or not _attributes_valid(event, partner, now):
        return None
    if (validated := _validate_data(event, kind.model)) is None:
        return None
    data, digest = validated
    position = (partner, record.topic, record.partition, record.offset)
    info = RecordInfo(*position, event.id, event.source, event.type, digest=digest)
    return Decoded(to_input(info, data), valid_traceparent(event.traceparent or None))


def _decode(record: KafkaRecord) -> _SimpleEvent | None:
    """Decode the event, if its record is small, and its JSON has no backslash and no duplicate attribute.

    Without a backslash there can be no lone surrogate either: JSON could only escape it.
    """
    value = record.value
    if value is None or len(value) > SMALL_BYTES or (record.key and len(record.key) > SMALL_BYTES) or b"\\" in value:
        return None
    if tuple(record.headers) != HEADERS:
        return None
    try:
        event = _decode_event(value)
    except (MsgspecError, UnicodeDecodeError):
        return None
    return event if value.count(b'"') == event.expected_quotes else None


def _attributes_valid(event: _SimpleEvent, partner: str, now: datetime) -> bool:
    return (
        valid_source(event.source, partner)
        and is_line(event.id)
        and (event.subject is UNSET or is_line(event.subject))
        and next(time_errors(event.time, now), None) is None
    )


def _validate_data(event: _SimpleEvent, model: type[ContractModel]) -> tuple[ContractModel, bytes] | None:
    """The data as the contract's model, and the digest of the body."""
    try:
        body = canonical(from_json(event.data))
        if has_no_duplicate_names(bytes(event.data), body):
            return model.model_validate_json(body, extra="forbid"), body_digest(event.type, body)
    except (MsgspecError, ValidationError, ValueError, OverflowError, RecursionError):
        pass
    return None
