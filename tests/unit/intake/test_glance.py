"""The door's short way: whatever it takes, the long way would have taken it just so."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from services.intake.edge.cloudevents import _at_a_glance, _from_object
from services.intake.edge.strict import _searched, flawless, loads

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


def sound(**more: Any) -> bytes:
    event = {"specversion": "1.0", "id": "a", "source": "/partner/x", "type": "t", "time": "2027-01-31T09:00:00Z", "data": {}}
    return json.dumps({**event, **more}, ensure_ascii=False).encode()


@given(objects().map(str.encode))
@example(b'{"a":1,"a":2,"b" :3}')
@example(b'{"a":":","a":1}')
@example(b'{"a":1e400}')
@example(b'{"a":123456789012345678901234567890}')
def test_json_without_a_flaw_is_read_the_same_at_a_glance(value: bytes) -> None:
    short = flawless(value, msgspec.json.decode)

    assert short is None or repr((short, [])) == repr(_searched(value, ""))


@given(objects().map(str.encode))
@example(sound())
@example(sound(subject="s", traceparent="x"))
@example(sound(id="\x85"))
@example(sound(id="x" * 250))
@example(sound(datacontenttype="application/json", tracestate=""))
def test_an_event_without_a_fault_is_read_the_same_at_a_glance(value: bytes) -> None:
    short = _at_a_glance(value, NOW)

    assert short is None or short == _from_object(*loads(value), NOW)


def test_a_plain_event_is_read_at_a_glance() -> None:
    assert _at_a_glance(sound(), NOW) is not None
