"""The long way through the door: whatever is wrong with a record is found, and named."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from msgspec import UNSET

from services.intake.contract import KINDS, source, type_name
from services.intake.domain.inputs import Input, to_input
from services.intake.domain.submission import RecordInfo, RecordRejected
from services.intake.ids import record_id
from services.intake.ingress.cloudevents import Event, decode
from services.intake.ingress.contract_validation import Checked, check
from services.intake.ingress.strict_json import MAX_ERRORS, RejectRecord
from services.intake.problems import Name, problem
from shared.kafka.record import KafkaRecord
from shared.messages.intake import FieldError, Problem

_TYPE = re.compile(r"(?P<kind>.+)\.v(?P<major>[1-9][0-9]{0,3})")
_KINDS = {type_name(kind)[: -len(".v1")]: kind for kind in KINDS}


class Decoded(NamedTuple):
    """What a record says, with the trace context that came along."""

    message: Input
    trace: str | None


def validate(record: KafkaRecord, partner: str, granted: frozenset[str], now: datetime) -> Decoded:
    """What the record says, or why it is refused: all errors at once. Never raises."""
    record_info = RecordInfo(partner, record.topic, record.partition, record.offset)
    try:
        event = decode(record, now)
    except RejectRecord as refused:
        return _refused(record, record_info, refused.problem)
    errors, checked = _checked(event, partner, granted)
    record_info = _named(record_info, event, checked)
    if errors:
        return _refused(record, record_info, _problem(errors), event.traceparent)
    assert checked and checked.data
    return Decoded(to_input(record_info, checked.data), event.traceparent)


def _checked(event: Event, partner: str, granted: frozenset[str]) -> tuple[list[tuple[Name, FieldError]], Checked | None]:
    """All errors at once, those of the envelope first, and the data where the kind is known."""
    errors: list[tuple[Name, FieldError]] = [("invalid-attributes", error) for error in event.errors]
    kind, major = _kind(event.attributes.get("type", ""))
    errors.extend(_foreign(event, partner))
    if "type" in event.attributes and (wrong := _unknown_kind(kind, major)):
        return [*errors, wrong], None
    if kind is None:
        return errors, None
    if kind not in granted:
        errors.append(("not-granted", FieldError("/type", f"granted to you: {', '.join(sorted(granted)) or 'none'}")))
    if event.data is UNSET:
        return errors, None
    checked = check(KINDS[kind][major], type_name(kind, major), event.data)
    return [*errors, *(("invalid-data", error) for error in checked.errors)], checked


def _kind(given: str) -> tuple[str | None, int]:
    match = _TYPE.fullmatch(given)
    return (_KINDS.get(match["kind"]), int(match["major"])) if match else (None, 0)


def _unknown_kind(kind: str | None, major: int) -> tuple[Name, FieldError] | None:
    if kind is None:
        known = ", ".join(type_name(kind, max(majors)) for kind, majors in KINDS.items())
        return "unknown-type", FieldError("/type", f"is not one of ours: {known}")
    if major not in KINDS[kind]:
        known = ", ".join(f"v{known}" for known in KINDS[kind])
        return "unknown-version", FieldError("/type", f"is no major version of this kind; known: {known}")
    return None


def _foreign(event: Event, partner: str) -> Iterator[tuple[Name, FieldError]]:
    given, own = event.attributes.get("source"), source(partner)
    if given is not None and given != own and not given.startswith(own + "/"):
        yield "wrong-source", FieldError("/source", f"must be {own}, or a path below it")


def _problem(errors: list[tuple[Name, FieldError]]) -> Problem:
    left_off = f" There are more than {MAX_ERRORS}: the first are named." if len(errors) > MAX_ERRORS else ""
    detail = f"Nothing was changed. What is wrong stands in errors, with a JSON pointer into the event.{left_off}"
    return problem(errors[0][0], detail, *(error for _, error in errors[:MAX_ERRORS]))


def _named(record_info: RecordInfo, event: Event, checked: Checked | None) -> RecordInfo:
    return record_info._replace(
        event_id=event.attributes.get("id"),
        event_source=event.attributes.get("source"),
        event_type=event.attributes.get("type"),
        unknown_attributes=_short(event.extensions),
        unknown_fields=_short(checked.unknown if checked else ()),
        digest=checked.digest if checked else b"",
    )


def _short(names: tuple[str, ...]) -> tuple[str, ...]:
    return (*names[:MAX_ERRORS], "…") if len(names) > MAX_ERRORS else names


def _refused(record: KafkaRecord, record_info: RecordInfo, why: Problem, trace: str | None = None) -> Decoded:
    id = record_id(record.topic, record.partition, record.offset, record.timestamp)
    return Decoded(RecordRejected(record_info, id, why), trace)
