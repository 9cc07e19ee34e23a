"""Full path of the ingress: finds and names every error of a record."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from msgspec import UNSET

from services.intake.contract import KINDS, source, type_name
from services.intake.domain.inputs import Input, to_input
from services.intake.domain.submission import RecordInfo, RecordRejected
from services.intake.ids import record_id
from services.intake.ingress.cloudevents import Event, decode, valid_source
from services.intake.ingress.contract_validation import Validated, validate_data
from services.intake.ingress.strict_json import MAX_ERRORS, RejectRecord
from services.intake.problems import SEE_ERRORS, Name, problem
from shared.kafka.record import KafkaRecord, UnreadableRecord
from shared.messages.intake import FieldError, Problem

_TYPE = re.compile(r"(?P<kind>.+)\.v(?P<major>[1-9][0-9]{0,3})")
_KINDS = {type_name(kind)[: -len(".v1")]: kind for kind in KINDS}
_Error = tuple[Name, FieldError]


class Decoded(NamedTuple):
    """The input in a record, and the event's trace context if it has a valid one."""

    message: Input
    traceparent: str | None


def validate(record: KafkaRecord, partner: str, granted: frozenset[str], now: datetime) -> Decoded:
    """Decode a record: a submission, or a rejection with all errors. Never raises."""
    info = RecordInfo(partner, record.topic, record.partition, record.offset)
    if isinstance(record, UnreadableRecord):
        return _rejected(record, info, problem("unreadable-record", f"Kafka stores it, but {record.reason}. Send the event again."))
    try:
        event = decode(record, now)
    except RejectRecord as rejection:
        return _rejected(record, info, rejection.problem)
    errors, validated = _validate(event, partner, granted)
    info = _with_event(info, event, validated)
    if errors:
        return _rejected(record, info, _problem(errors), event.traceparent)
    assert validated and validated.data
    return Decoded(to_input(info, validated.data), event.traceparent)


def _validate(event: Event, partner: str, granted: frozenset[str]) -> tuple[list[_Error], Validated | None]:
    """All errors, those of the attributes first, and the data if the kind is known."""
    errors: list[_Error] = [("invalid-attributes", error) for error in event.errors]
    kind, major = _parse_type(event.attributes.get("type", ""))
    errors.extend(_source_errors(event, partner))
    if "type" in event.attributes and (type_error := _type_error(kind, major)):
        return [*errors, type_error], None
    if kind is None:
        return errors, None
    if kind not in granted:
        errors.append(
            ("not-granted", FieldError("/type", f"is not granted; granted to you: {', '.join(sorted(granted)) or 'none'}"))
        )
    if event.data is UNSET:
        return errors, None
    validated = validate_data(KINDS[kind][major], type_name(kind, major), event.data)
    return [*errors, *(("invalid-data", error) for error in validated.errors)], validated


def _parse_type(type: str) -> tuple[str | None, int]:
    """The kind, None if it is unknown, and the major version."""
    match = _TYPE.fullmatch(type)
    return (_KINDS.get(match["kind"]), int(match["major"])) if match else (None, 0)


def _type_error(kind: str | None, major: int) -> _Error | None:
    if kind is None:
        known = ", ".join(type_name(kind, max(majors)) for kind, majors in KINDS.items())
        return "unknown-type", FieldError("/type", f"is not a known type; known: {known}")
    if major not in KINDS[kind]:
        known = ", ".join(f"v{known}" for known in KINDS[kind])
        return "unknown-version", FieldError("/type", f"is not a known major version of this kind; known: {known}")
    return None


def _source_errors(event: Event, partner: str) -> Iterator[_Error]:
    given = event.attributes.get("source")
    if given is not None and not valid_source(given, partner):
        yield "wrong-source", FieldError("/source", f"must be {source(partner)} or a URI path below it, without . or .. segments")


def _problem(errors: list[_Error]) -> Problem:
    """The problem of the first error, with the details of all."""
    more = f" There are more than {MAX_ERRORS} errors; only the first are listed." if len(errors) > MAX_ERRORS else ""
    detail = f"Nothing was changed. {SEE_ERRORS}{more}"
    return problem(errors[0][0], detail, *(error for _, error in errors[:MAX_ERRORS]))


def _with_event(info: RecordInfo, event: Event, validated: Validated | None) -> RecordInfo:
    return info._replace(
        event_id=event.attributes.get("id"),
        event_source=event.attributes.get("source"),
        event_type=event.attributes.get("type"),
        unknown_attributes=_first(event.extensions),
        unknown_fields=_first(validated.unknown if validated else ()),
        digest=validated.digest if validated else b"",
    )


def _first(names: tuple[str, ...]) -> tuple[str, ...]:
    return (*names[:MAX_ERRORS], "…") if len(names) > MAX_ERRORS else names


def _rejected(record: KafkaRecord, info: RecordInfo, problem: Problem, traceparent: str | None = None) -> Decoded:
    id = record_id(record.topic, record.partition, record.offset, record.timestamp)
    return Decoded(RecordRejected(info, id, problem), traceparent)
