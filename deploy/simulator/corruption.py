"""Invalid variants of a partner's events: duplicates, conflicts, and records that are corrupt in one of many ways. Pure."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from random import Random
from typing import Any

from deploy.partner_client.event_builder import encode_event
from deploy.simulator.simulated_event import SimulatedEvent
from services.intake.contract import STRUCTURED

Body = dict[str, Any]
ANY_FIELD = "an invalid value in any field"


def duplicate_or_conflict(random: Random, event: SimulatedEvent) -> SimulatedEvent:
    """Return the same event again, or another body under its id. `event` must be one that is accepted."""
    if random.random() < 0.5:
        return SimulatedEvent(event.name, event.key, event.value, expected="duplicate", body=event.body)
    body = deepcopy(dict(event.body))
    body["data"]["unknown_field"] = random.randint(0, 9)
    return SimulatedEvent(event.name, event.key, encode_event(body), expected="conflict", body=body)


def corrupt(random: Random, event: SimulatedEvent, id: str) -> SimulatedEvent:
    """Return a record that must be rejected, derived from a valid event, under another id and with the same key."""
    body = deepcopy(dict(event.body)) | {"id": id}
    defect = random.choice([*_BODY_DEFECTS, *_BYTE_DEFECTS, *_HEADER_DEFECTS, *[ANY_FIELD] * 10])
    if defect == ANY_FIELD:
        _corrupt_any_field(random, body)
    elif change := _BODY_DEFECTS.get(defect):
        change(body)
    damage, headers = _BYTE_DEFECTS.get(defect), _HEADER_DEFECTS.get(defect, STRUCTURED)
    value = damage(random, encode_event(body)) if damage else encode_event(body)
    return SimulatedEvent(defect, event.key, value, headers, expected="rejected")


def _corrupt_any_field(random: Random, body: Body) -> None:
    """Put a value that no field of the contract allows somewhere in the data."""
    part: Any = body["data"]
    while True:
        name = random.choice(list(part) if isinstance(part, dict) else range(len(part)))
        if not (isinstance(part[name], dict | list) and part[name] and random.random() < 0.7):
            break
        part = part[name]
    part[name] = random.choice([-1.5, "\u0007", [["deep"]], "x" * 5000])


def mutate(random: Random, value: bytes) -> bytes:
    """Change, remove or insert a few bytes. The result may happen to be valid."""
    mutated = bytearray(value)
    for _ in range(random.randint(1, 6)):
        at = random.randrange(len(mutated) + 1)
        mutated[at : at + random.randint(0, 3)] = random.randbytes(random.randint(0, 3))
    return bytes(mutated)


def _without(name: str) -> Callable[[Body], None]:
    return lambda body: body.pop(name)


def _with(name: str, value: Any) -> Callable[[Body], None]:
    return lambda body: body.update({name: value})


_BODY_DEFECTS: Mapping[str, Callable[[Body], None]] = {
    "no data": _without("data"),
    "no id": _without("id"),
    "data of the wrong shape": _with("data", ["not", "an", "object"]),
    "empty data": _with("data", {}),
    "another partner's source": _with("source", "/partner/stranger"),
    "unknown type": _with("type", "tandem.partner.something-else.v1"),
    "unknown major version": _with("type", "tandem.partner.expert-submitted.v2"),
    "a time without a zone": _with("time", "2026-11-23T12:00:00"),
    "another specversion": _with("specversion", "0.3"),
}
_BYTE_DEFECTS: Mapping[str, Callable[[Random, bytes], bytes | None]] = {
    "truncated": lambda random, value: value[: random.randrange(1, len(value) - 1)],
    "invalid UTF-8": lambda random, value: b"\xff\xfe" + value,
    "a null character": lambda random, value: b"\x00" + value,
    "empty": lambda random, value: b"",
    "a tombstone": lambda random, value: None,
    "an array": lambda random, value: b"[" + value + b"]",
    "too large": lambda random, value: value[:-1] + b" " * (256 << 10) + b"}",
}
_HEADER_DEFECTS: Mapping[str, list[tuple[str, bytes]]] = {
    "no content type": [],
    "batch mode": [("content-type", b"application/cloudevents-batch+json")],
    "another content type": [("content-type", b"text/plain")],
    "a repeated header": [*STRUCTURED, *STRUCTURED],
}
