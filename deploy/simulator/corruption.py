"""What can be wrong with a partner's record: doubled, changed under its id, or broken in one of many ways. Pure."""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from random import Random
from typing import Any

from deploy.simulator.event import Event
from services.intake.contract import STRUCTURED

Body = dict[str, Any]


def again(random: Random, event: Event) -> Event:
    """The same event once more, or another body under its id. `event` must be one that is accepted."""
    if random.random() < 0.5:
        return Event(event.key, event.value, "duplicate", event.kind, event.body)
    changed = deepcopy(dict(event.body))
    changed["data"]["a_field_of_their_own"] = random.randint(0, 9)
    return Event(event.key, _written(changed), "conflict", event.kind, changed)


def broken(random: Random, event: Event, id: str) -> Event:
    """An event that nobody may accept, made of a good one, under another id and with its key."""
    body = deepcopy(dict(event.body)) | {"id": id}
    breaking = random.choice([*_BODIES, *_BYTES, *_HEADERS, *["a field of any sort"] * 10])
    if breaking == "a field of any sort":
        _elsewhere(random, body)
        return Event(event.key, _written(body), "rejected", breaking)
    if change := _BODIES.get(breaking):
        change(body)
        return Event(event.key, _written(body), "rejected", breaking)
    if cut := _BYTES.get(breaking):
        return Event(event.key, cut(random, _written(body)), "rejected", breaking)
    return Event(event.key, _written(body), "rejected", breaking, headers=_HEADERS[breaking])


def _elsewhere(random: Random, body: Body) -> None:
    """Some field, somewhere in the data, holds what no field of the contract may hold."""
    part: Any = body["data"]
    while True:
        name = random.choice(list(part) if isinstance(part, dict) else range(len(part)))
        if not (isinstance(part[name], dict | list) and part[name] and random.random() < 0.7):
            break
        part = part[name]
    part[name] = random.choice([-1.5, "\u0007", [["deep"]], "x" * 5000])


def mutated(random: Random, value: bytes) -> bytes:
    """The bytes with a few of them changed, taken out or put in. What comes of it may by chance be sound."""
    changed = bytearray(value)
    for _ in range(random.randint(1, 6)):
        at = random.randrange(len(changed) + 1)
        changed[at : at + random.randint(0, 3)] = random.randbytes(random.randint(0, 3))
    return bytes(changed)


def _written(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def _without(name: str) -> Callable[[Body], None]:
    return lambda body: body.pop(name)


def _with(name: str, value: Any) -> Callable[[Body], None]:
    return lambda body: body.update({name: value})


_BODIES: Mapping[str, Callable[[Body], None]] = {
    "no data": _without("data"),
    "no id": _without("id"),
    "data of another shape": _with("data", ["nothing", "of", "this"]),
    "empty data": _with("data", {}),
    "somebody else's source": _with("source", "/partner/stranger"),
    "unknown type": _with("type", "tandem.partner.something-else.v1"),
    "unknown major version": _with("type", "tandem.partner.expert-submitted.v2"),
    "a time without a zone": _with("time", "2026-11-23T12:00:00"),
    "another specversion": _with("specversion", "0.3"),
}
_BYTES: Mapping[str, Callable[[Random, bytes], bytes | None]] = {
    "cut off": lambda random, value: value[: random.randrange(1, len(value) - 1)],
    "no text": lambda random, value: b"\xff\xfe" + value,
    "a null character": lambda random, value: b"\x00" + value,
    "nothing": lambda random, value: b"",
    "a tombstone": lambda random, value: None,
    "a list": lambda random, value: b"[" + value + b"]",
    "too large": lambda random, value: value[:-1] + b" " * (256 << 10) + b"}",
}
_HEADERS: Mapping[str, list[tuple[str, bytes]]] = {
    "no content type": [],
    "batch mode": [("content-type", b"application/cloudevents-batch+json")],
    "another content type": [("content-type", b"text/plain")],
    "a doubled header": [*STRUCTURED, *STRUCTURED],
}
