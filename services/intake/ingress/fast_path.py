"""The short way through the door: a plain event in which nothing can be wrong, at a fraction of the price of the long way."""

from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from msgspec import UNSET, Meta, MsgspecError, Raw, Struct, UnsetType
from msgspec.json import Decoder
from msgspec.json import decode as from_json
from pydantic import ValidationError

from services.intake.contract import KINDS, STRUCTURED, source, type_name
from services.intake.contract.fields import ContractModel
from services.intake.domain.inputs import to_input
from services.intake.domain.submission import RecordInfo
from services.intake.ingress.cloudevents import LONGEST, traced, wrong_time
from services.intake.ingress.contract_validation import SMALL, canonical, digest_of
from services.intake.ingress.full_path import Decoded
from shared.kafka.record import KafkaRecord

PLAIN = tuple(STRUCTURED)
_Short = Annotated[str, Meta(min_length=1, max_length=LONGEST)]


class _SimpleEvent(Struct, forbid_unknown_fields=True):
    """An event in structured mode with no attribute but these."""

    specversion: Literal["1.0"]
    id: _Short
    source: _Short
    type: str
    time: str
    data: Raw
    subject: _Short | UnsetType = UNSET
    datacontenttype: Literal["application/json"] | UnsetType = UNSET
    traceparent: str | UnsetType = UNSET

    @property
    def quotes(self) -> int:
        """How many quotes its attributes have, with the name of `data`, where none is doubled: four each."""
        more = (self.subject is not UNSET) + (self.datacontenttype is not UNSET) + (self.traceparent is not UNSET)
        return 4 * (5 + more) + 2


class _Known(NamedTuple):
    kind: str
    model: type[ContractModel]


_plain = Decoder(_SimpleEvent).decode
_KNOWN = {type_name(kind, major): _Known(kind, model) for kind, majors in KINDS.items() for major, model in majors.items()}


def try_fast_path(record: KafkaRecord, partner: str, granted: frozenset[str], now: datetime) -> Decoded | None:
    """What the record says, where nothing can be wrong with it; None says: take the long way, which would find the same."""
    event = _decoded(record)
    known = _KNOWN.get(event.type) if event else None
    if event is None or known is None or known.kind not in granted or not _attributes_valid(event, partner, now):
        return None
    if (read := _data(event, known.model)) is None:
        return None
    data, digest = read
    place = (partner, record.topic, record.partition, record.offset)
    record_info = RecordInfo(*place, event.id, event.source, event.type, digest=digest)
    return Decoded(to_input(record_info, data), traced(event.traceparent) if event.traceparent else None)


def _decoded(record: KafkaRecord) -> _SimpleEvent | None:
    """Without a backslash each quote begins or ends a string, and no half character can stand there."""
    value = record.value
    if value is None or len(value) > SMALL or (record.key and len(record.key) > SMALL) or b"\\" in value:
        return None
    if tuple(record.headers) != PLAIN:
        return None
    try:
        event = _plain(value)
    except (MsgspecError, UnicodeDecodeError):
        return None
    return event if value.count(b'"') == event.quotes + bytes(event.data).count(b'"') else None


def _attributes_valid(event: _SimpleEvent, partner: str, now: datetime) -> bool:
    own = source(partner)
    return (
        (event.source == own or event.source.startswith(own + "/"))
        and (event.id + event.source + (event.subject or "")).isprintable()
        and next(wrong_time(event.time, now), None) is None
    )


def _data(event: _SimpleEvent, model: type[ContractModel]) -> tuple[ContractModel, bytes] | None:
    """A value in which a name is doubled loses quotes when it is written anew."""
    try:
        body = canonical(from_json(event.data))
        if body.count(b'"') == bytes(event.data).count(b'"'):
            return model.model_validate_json(body, extra="forbid"), digest_of(event.type, body)
    except (MsgspecError, ValidationError, ValueError, OverflowError, RecursionError):
        pass
    return None
