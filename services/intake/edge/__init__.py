"""The partners' door: a raw record → what intake hears. Every record becomes a message, so that every record gets its receipt."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from msgspec import UNSET

from services.intake.contract import KINDS, source, type_name
from services.intake.contract.expert import Expert
from services.intake.contract.organisation import Organisation
from services.intake.contract.parts import Part
from services.intake.contract.readiness import Readiness
from services.intake.contract.vacancy import Vacancy
from services.intake.edge.cloudevents import Event, decode
from services.intake.edge.data import Checked, check
from services.intake.edge.strict import MOST, Refused
from services.intake.heard import (
    Arrival,
    ExpertSubmitted,
    Heard,
    OrganisationSubmitted,
    ReadinessReported,
    RecordRefused,
    Submitted,
    VacancySubmitted,
)
from services.intake.ids import record_id
from services.intake.problems import Name, problem
from shared.messages.envelope import Envelope
from shared.messages.intake import Fault, Problem
from shared.policy import PARTNER
from shared.record import Record

TOPIC = re.compile(rf"tandem\.partner\.(?P<partner>{PARTNER})\.submissions$")

Grants = Callable[[str], frozenset[str]]
_TYPE = re.compile(r"(?P<kind>.+)\.v(?P<major>[1-9][0-9]{0,3})")
_KINDS = {type_name(kind)[: -len(".v1")]: kind for kind in KINDS}


class _Understood(NamedTuple):
    faults: list[tuple[Name, Fault]]
    checked: Checked | None


def reading(grants: Grants) -> Callable[[Record, datetime], Envelope[Heard]]:
    """How records are read; `grants` says which kinds a partner may publish. What it gives never raises.

    The envelope's `time` is the door's own stamp (`now`, UTC); the event's `time` is the partner's claim.
    """

    def read(record: Record, now: datetime) -> Envelope[Heard]:
        arrival = Arrival(_partner(record.topic), record.topic, record.partition, record.offset)
        try:
            event = decode(record, now)
        except Refused as refused:
            return _refused(record, now, arrival, refused.problem)
        understood = _understand(event, arrival.partner, grants(arrival.partner))
        arrival = _named(arrival, event, understood.checked)
        if understood.faults:
            return _refused(record, now, arrival, _problem(understood.faults), event.traceparent)
        assert understood.checked and understood.checked.data
        return _envelope(record, now, _submitted(arrival, understood.checked.data), event.traceparent)

    return read


def _partner(topic: str) -> str:
    """The partner that owns a topic. Raises `ValueError` for a topic that is no partner's: a wrong subscription, never a record."""
    match = TOPIC.fullmatch(topic)
    if not match:
        raise ValueError("not a topic of submissions")
    return match["partner"]


def _understand(event: Event, partner: str, granted: frozenset[str]) -> _Understood:
    """All faults at once, those of the envelope first, and the data where the kind is known."""
    faults: list[tuple[Name, Fault]] = [("invalid-attributes", fault) for fault in event.faults]
    kind, major = _kind(event.attributes.get("type", ""))
    faults.extend(_foreign(event, partner))
    if "type" in event.attributes and (wrong := _unknown_kind(kind, major)):
        return _Understood([*faults, wrong], None)
    if kind is None:
        return _Understood(faults, None)
    if kind not in granted:
        faults.append(("not-granted", Fault("/type", f"granted to you: {', '.join(sorted(granted)) or 'none'}")))
    if event.data is UNSET:
        return _Understood(faults, None)
    checked = check(KINDS[kind][major], type_name(kind, major), event.data)
    return _Understood([*faults, *(("invalid-data", fault) for fault in checked.faults)], checked)


def _kind(given: str) -> tuple[str | None, int]:
    match = _TYPE.fullmatch(given)
    return (_KINDS.get(match["kind"]), int(match["major"])) if match else (None, 0)


def _unknown_kind(kind: str | None, major: int) -> tuple[Name, Fault] | None:
    if kind is None:
        known = ", ".join(type_name(kind, max(majors)) for kind, majors in KINDS.items())
        return "unknown-type", Fault("/type", f"is not one of ours: {known}")
    if major not in KINDS[kind]:
        known = ", ".join(f"v{known}" for known in KINDS[kind])
        return "unknown-version", Fault("/type", f"is no major version of this kind; known: {known}")
    return None


def _foreign(event: Event, partner: str) -> Iterator[tuple[Name, Fault]]:
    given, own = event.attributes.get("source"), source(partner)
    if given is not None and given != own and not given.startswith(own + "/"):
        yield "wrong-source", Fault("/source", f"must be {own}, or a path below it")


def _problem(faults: list[tuple[Name, Fault]]) -> Problem:
    left_off = f" There are more than {MOST}: the first are named." if len(faults) > MOST else ""
    detail = f"Nothing was changed. What is wrong stands in errors, with a JSON pointer into the event.{left_off}"
    return problem(faults[0][0], detail, *(fault for _, fault in faults[:MOST]))


def _named(arrival: Arrival, event: Event, checked: Checked | None) -> Arrival:
    return arrival._replace(
        event_id=event.attributes.get("id"),
        event_source=event.attributes.get("source"),
        event_type=event.attributes.get("type"),
        unknown_attributes=_short(event.extensions),
        unknown_fields=_short(checked.unknown if checked else ()),
        digest=checked.digest if checked else b"",
    )


def _short(names: tuple[str, ...]) -> tuple[str, ...]:
    return (*names[:MOST], "…") if len(names) > MOST else names


def _submitted(arrival: Arrival, data: Part) -> Submitted:
    match data:
        case Organisation():
            return OrganisationSubmitted(arrival, data)
        case Readiness():
            return ReadinessReported(arrival, data)
        case Expert():
            return ExpertSubmitted(arrival, data)
        case Vacancy():
            return VacancySubmitted(arrival, data)
    raise TypeError(f"{type(data).__name__} is a kind of the contract that nobody submits yet")


def _refused(record: Record, now: datetime, arrival: Arrival, why: Problem, trace: str | None = None) -> Envelope[Heard]:
    return _envelope(record, now, RecordRefused(arrival, _id(record), why), trace)


def _envelope(record: Record, now: datetime, message: Any, trace: str | None) -> Envelope[Heard]:
    partner = message.arrival.partner
    return Envelope(id=_id(record), source=source(partner), subject=message.subject, time=now, traceparent=trace, data=message)


def _id(record: Record) -> Any:
    return record_id(record.topic, record.partition, record.offset, record.timestamp)
