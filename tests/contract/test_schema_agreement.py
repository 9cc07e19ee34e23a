"""The published JSON Schemas and the ingress agree on every event, or the schema's description names the difference."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cache
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.intake.contract import KINDS, STRUCTURED, schema
from services.intake.domain.submission import RecordRejected
from shared.kafka.record import StoredRecord
from tests.support.intake_harness import NOON, IntakeHarness, event

DIFFERENCES = {
    r"/data/(coordinator|tandem/partners/\d+)/email|/data/email": "rules of domain names",
    r"/data/zone": "IANA list",
    r"/data/hours/max": "not below min",
    r"/data/answers": "each item once",
    r"/data/interest/sessions": "each day once",
    r"/source": "/partner/<your id>",
    r"/time": "2000 to 2100, at most a day ahead",
}
"""What JSON Schema cannot express: the pointer of the error, and words in the description of that field."""
Path = tuple[str | int, ...]


def _ecmascript_pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[jsonschema.ValidationError]:
    """`pattern` as ECMAScript has it: `$` is the very end, which Python's is not."""
    if isinstance(instance, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), instance):
        yield jsonschema.ValidationError("does not match")


_formats = jsonschema.FormatChecker(formats=())


@_formats.checks("date", raises=ValueError)  # type: ignore[untyped-decorator]  # it ships no types
def _is_date(value: Any) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


_Validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": _ecmascript_pattern})


@cache
def validator(kind: str) -> Any:
    return _Validator(schema(kind), format_checker=_formats)


def entry_errors(made: Any) -> list[str]:
    """The pointers of what the ingress rejects; the rules of the domain are not asked."""
    body = json.dumps(made).encode()
    record = StoredRecord("tandem.partner.demo.submissions", 0, 0, 0, None, body, STRUCTURED)
    message = IntakeHarness().decode(record, NOON).data
    return [error.pointer for error in message.problem.errors] if isinstance(message, RecordRejected) else []


def check_agreement(kind: str, made: Any) -> None:
    fits, errors = validator(kind).is_valid(made), entry_errors(made)
    if errors and fits:
        assert all(any(re.fullmatch(pointer, error) for pointer in DIFFERENCES) for error in errors), (made, errors)
    else:
        assert fits == (not errors), (made, errors, [(e.json_path, e.message) for e in validator(kind).iter_errors(made)])


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    for name, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths(inner, (*path, name))


def at(value: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        value = value[step]
    return value


JUNK: list[Any] = [
    None, True, False, 0, 1, 2, 2.0, 2.5, -1, 41, 40.0, 1.0, 0.0, "", " ", "\t", "\n", "\u200b", "\u2800", "\u3164", "\xa0",
    "a\n", "a\r\nb", "Jan \u202egnirts", "a\u2028b", "a\u2029", "\u2066a", "\x00", "a\x7f", "https://huis.example",
    "WWW.huis.example", "a@b.example", "a@b.test", "foo<bar@huis.example", "a,b@huis.example", "info@straße.example",
    "jörg@huis.example", "jan@huis..example", "x" * 121, "x" * 251, "x" * 501, "yes", "true", "1", "2027-01-31", "20270131",
    "2027-02-30", "1999-12-31", "2101-01-01", "2027-W01-1", "none", "other", "local", "fit", "fixed_one_to_one",
    "not_applicable", "RC-001", "RC-301", "+32 2 000 00 00", "+           ", "+0 2 000 00 00", "+32  2 000 00 00", "Factory",
    "localtime", "UTC", "Europe/Nowhere", "Europe/Brussels", "BE-VAN", "/partner/demo/../other", "/partner/demo/%2E%2e/other",
    "/partner/demo/desk", "/partner/demo/", "1.0", [], [None], {}, [{}], ["a", "a"], [1], 10**30,
]  # fmt: skip


def mutate(draw: Callable[[st.SearchStrategy[Any]], Any], made: Any) -> None:
    """Change one place of the event."""
    path = draw(st.sampled_from([path for path in paths(made) if path]))
    parent, name = at(made, path[:-1]), path[-1]
    match draw(st.sampled_from(["replace", "remove", "double", "add", "copy", "float"])):
        case "replace":
            parent[name] = draw(st.sampled_from(JUNK) | st.text(st.characters(codec="utf-8"), max_size=5) | st.integers(-2, 60))
        case "remove":
            del parent[name]
        case "double" if isinstance(parent, list):
            parent.append(parent[name])
        case "add" if isinstance(parent, dict):
            parent["own"] = draw(st.sampled_from(JUNK))
        case "copy":
            parent[name] = json.loads(json.dumps(at(made, draw(st.sampled_from(list(paths(made)))))))
        case "float" if type(parent[name]) is int:
            parent[name] = float(parent[name])


@settings(max_examples=600, deadline=None)
@given(st.data(), st.sampled_from(list(KINDS)), st.integers(1, 3))
def test_schema_and_ingress_agree_on_every_mutation(data: st.DataObject, kind: str, count: int) -> None:
    made = event(kind)
    if kind == "organisation-submitted":
        made["data"]["interest"] = {"wishes": ["a", "b"], "sessions": [{"held_on": "2026-09-01", "attended": True}]}
    for _ in range(count):
        mutate(data.draw, made)
        made = json.loads(json.dumps(made))

    check_agreement(kind, made)


@pytest.mark.parametrize("kind", KINDS)
def test_schema_and_ingress_agree_on_each_odd_value_in_each_place(kind: str) -> None:
    for path in paths(event(kind)):
        for value in JUNK if path else ():
            made = event(kind)
            at(made, path[:-1])[path[-1]] = value
            check_agreement(kind, json.loads(json.dumps(made)))


def test_each_difference_stands_in_the_description_of_its_field() -> None:
    published = json.dumps([schema(kind) for kind in KINDS])

    for words in DIFFERENCES.values():
        assert words in published


@given(st.sampled_from(["1", "1.0", '"true"', '"yes"', "[]", "null", "false", "0"]))
@example("1")
def test_only_the_boolean_true_is_consent(written: str) -> None:
    made = event("vacancy-submitted")
    made["data"]["tandem"]["partners"][0]["willing"] = json.loads(written)

    assert entry_errors(made) == ["/data/tandem/partners/0/willing"]


def test_whole_numbers_may_be_written_as_floats() -> None:
    assert entry_errors(event("vacancy-submitted", hours=20.0)) == []
