"""The door's short way: whatever it takes, the long way would have taken it just so."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.intake import contract
from services.intake.ingress.fast_path import try_fast_path
from services.intake.ingress.full_path import validate
from services.intake.ingress.strict_json import parse_if_clean, parse_with_errors
from tests.support.intake_harness import SentRecord

NOW = datetime(2027, 2, 1, 9, tzinfo=UTC)
names = st.sampled_from(["specversion", "id", "source", "type", "time", "data", "subject", "traceparent", "dataschema", "own", ""])
texts = st.sampled_from(
    ["1.0", "a", ":", "", "é", "2027-01-31T09:00:00+01:00", "2027-01-31T09:00:00", "\x7f", "x" * 251, '"', "\\"]
)
values = st.one_of(texts, st.none(), st.booleans(), st.integers(), st.floats(), st.just(10**30))


@st.composite
def objects(draw: st.DrawFn, depth: int = 2) -> str:
    """A JSON object as text: names come twice, spaces stand anywhere, letters are escaped or not."""
    space, ascii = draw(st.sampled_from(["", " ", "\n"])), draw(st.booleans())
    inner = (
        st.one_of(values.map(lambda value: json.dumps(value, ensure_ascii=ascii)), objects(depth - 1)) if depth else st.just("[1]")
    )
    pairs = draw(st.lists(st.tuples(names, inner), max_size=8))
    whole = f"{space},".join(f"{json.dumps(name)}{space}:{space}{value}" for name, value in pairs)
    return f"{{{whole}}}"


def sent(value: bytes, key: bytes | None = None) -> SentRecord:
    return SentRecord("tandem.partner.x.submissions", 1, 2, 3, key, value, tuple(contract.STRUCTURED))


def both(value: bytes, granted: frozenset[str] = frozenset(contract.KINDS)) -> tuple[Any, Any]:
    record = sent(value)
    return try_fast_path(record, "x", granted, NOW), validate(record, "x", granted, NOW)


def sound(kind: str = "readiness-reported", **more: Any) -> dict[str, Any]:
    return {**contract.example(kind, "x", "a", NOW), **more}


def written(event: Any, ascii: bool = False) -> bytes:
    return json.dumps(event, ensure_ascii=ascii).encode()


@given(objects().map(str.encode))
@example(b'{"a":1,"a":2,"b" :3}')
@example(b'{"a":":","a":1}')
@example(b'{"a":1e400}')
@example(b'{"a":123456789012345678901234567890}')
def test_json_without_a_flaw_is_read_the_same_at_a_glance(value: bytes) -> None:
    short = parse_if_clean(value)

    assert short is msgspec.UNSET or repr((short, [])) == repr(parse_with_errors(value, ""))


@settings(deadline=None)
@given(st.sampled_from(list(contract.KINDS)), st.dictionaries(names, values, max_size=3), st.booleans())
@example("readiness-reported", {"subject": "s", "traceparent": "x"}, False)
@example("readiness-reported", {"id": "\x85"}, False)
@example("readiness-reported", {"id": "\u200b"}, False)
@example("readiness-reported", {"source": "/partner/y"}, False)
@example("readiness-reported", {"source": "/partner/x/desk"}, False)
@example("readiness-reported", {"tracestate": ""}, False)
@example("readiness-reported", {"time": "2027-02-09T09:00:00Z"}, False)
def test_an_event_is_read_the_same_at_a_glance(kind: str, changed: dict[str, Any], ascii: bool) -> None:
    short, long = both(written(sound(kind, **changed), ascii))

    assert short is None or short == long


@settings(deadline=None)
@given(st.sampled_from(list(contract.KINDS)), st.data())
def test_data_are_read_the_same_at_a_glance(kind: str, draw: st.DataObject) -> None:
    event = sound(kind)
    event["data"][draw.draw(st.sampled_from([*event["data"], "own"]))] = draw.draw(values)

    short, long = both(written(event))

    assert short is None or short == long


@given(st.data())
def test_a_name_that_stands_twice_is_never_taken_at_a_glance(draw: st.DataObject) -> None:
    event = sound()
    inside = draw.draw(st.booleans())
    name = draw.draw(st.sampled_from([*(event["data"] if inside else event)]))
    doubled = f"{json.dumps(name)}: {draw.draw(st.sampled_from(['1', '{}', '[]', 'null', json.dumps('a')]))}, "
    text, mark = json.dumps(event, ensure_ascii=False), '"data": {' if inside else "{"

    short, long = both(text.replace(mark, mark + doubled, 1).encode())

    assert short is None
    assert long.message.kind == "tandem.partner.record-rejected.v1"


@pytest.mark.parametrize("kind", contract.KINDS)
def test_the_contracts_own_examples_are_taken_at_a_glance(kind: str) -> None:
    short, long = both(written(sound(kind)))

    assert short == long


def test_nothing_is_taken_at_a_glance_that_the_partner_may_not_publish() -> None:
    assert both(written(sound()), frozenset())[0] is None
