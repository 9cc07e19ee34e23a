"""The fast path: whatever it decodes, the full path decodes the same."""

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
from shared.kafka.record import StoredRecord

NOW = datetime(2027, 2, 1, 9, tzinfo=UTC)
names = st.sampled_from(["specversion", "id", "source", "type", "time", "data", "subject", "traceparent", "dataschema", "own", ""])
texts = st.sampled_from(
    ["1.0", "a", ":", "", "é", "2027-01-31T09:00:00+01:00", "2027-01-31T09:00:00", "\x7f", "x" * 251, '"', "\\"]
)
values = st.one_of(texts, st.none(), st.booleans(), st.integers(), st.floats(), st.just(10**30))


@st.composite
def objects(draw: st.DrawFn, depth: int = 2) -> str:
    """A JSON object as text, with duplicate names, any spacing, and characters escaped or not."""
    space, ascii = draw(st.sampled_from(["", " ", "\n"])), draw(st.booleans())
    inner = (
        st.one_of(values.map(lambda value: json.dumps(value, ensure_ascii=ascii)), objects(depth - 1)) if depth else st.just("[1]")
    )
    pairs = draw(st.lists(st.tuples(names, inner), max_size=8))
    whole = f"{space},".join(f"{json.dumps(name)}{space}:{space}{value}" for name, value in pairs)
    return f"{{{whole}}}"


def sent(value: bytes, key: bytes | None = None) -> StoredRecord:
    return StoredRecord("tandem.partner.x.submissions", 1, 2, 3, key, value, tuple(contract.STRUCTURED))


def both(value: bytes, granted: frozenset[str] = frozenset(contract.KINDS)) -> tuple[Any, Any]:
    record = sent(value)
    return try_fast_path(record, "x", granted, NOW), validate(record, "x", granted, NOW)


def valid_event(kind: str = "readiness-reported", **more: Any) -> dict[str, Any]:
    return {**contract.example(kind, "x", "a", NOW), **more}


def encoded(event: Any, ascii: bool = False) -> bytes:
    return json.dumps(event, ensure_ascii=ascii).encode()


@given(objects().map(str.encode))
@example(b'{"a":1,"a":2,"b" :3}')
@example(b'{"a":":","a":1}')
@example(b'{"a":1e400}')
@example(b'{"a":123456789012345678901234567890}')
def test_json_parsed_as_clean_equals_the_thorough_parse(value: bytes) -> None:
    clean = parse_if_clean(value)

    assert clean is msgspec.UNSET or repr((clean, [])) == repr(parse_with_errors(value, ""))


@settings(deadline=None)
@given(st.sampled_from(list(contract.KINDS)), st.dictionaries(names, values, max_size=3), st.booleans())
@example("readiness-reported", {"subject": "s", "traceparent": "x"}, False)
@example("readiness-reported", {"id": "\x85"}, False)
@example("readiness-reported", {"id": "\u200b"}, False)
@example("readiness-reported", {"source": "/partner/y"}, False)
@example("readiness-reported", {"source": "/partner/x/desk"}, False)
@example("readiness-reported", {"tracestate": ""}, False)
@example("readiness-reported", {"time": "2027-02-09T09:00:00Z"}, False)
def test_fast_path_decodes_an_event_like_the_full_path(kind: str, changed: dict[str, Any], ascii: bool) -> None:
    fast, full = both(encoded(valid_event(kind, **changed), ascii))

    assert fast is None or fast == full


@settings(deadline=None)
@given(st.sampled_from(list(contract.KINDS)), st.data())
def test_fast_path_decodes_data_like_the_full_path(kind: str, draw: st.DataObject) -> None:
    event = valid_event(kind)
    event["data"][draw.draw(st.sampled_from([*event["data"], "own"]))] = draw.draw(values)

    fast, full = both(encoded(event))

    assert fast is None or fast == full


@given(st.data())
def test_fast_path_leaves_duplicate_names_to_the_full_path(draw: st.DataObject) -> None:
    event = valid_event()
    inside = draw.draw(st.booleans())
    name = draw.draw(st.sampled_from([*(event["data"] if inside else event)]))
    duplicate = f"{json.dumps(name)}: {draw.draw(st.sampled_from(['1', '{}', '[]', 'null', json.dumps('a')]))}, "
    text, mark = json.dumps(event, ensure_ascii=False), '"data": {' if inside else "{"

    fast, full = both(text.replace(mark, mark + duplicate, 1).encode())

    assert fast is None
    assert full.message.kind == "tandem.local.record-rejected.v1"


@pytest.mark.parametrize("kind", contract.KINDS)
def test_fast_path_takes_the_examples_of_the_contract(kind: str) -> None:
    fast, full = both(encoded(valid_event(kind)))

    assert fast == full


def test_fast_path_takes_nothing_that_the_partner_may_not_publish() -> None:
    assert both(encoded(valid_event()), frozenset())[0] is None
