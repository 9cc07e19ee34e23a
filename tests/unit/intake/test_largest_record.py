"""Records of the largest size, in shapes that are costly to validate, are processed quickly."""

import json
from collections.abc import Iterator
from time import process_time
from typing import Any

import pytest

from services.intake.contract import KINDS, schema
from services.intake.ingress.cloudevents import MAX_RECORD_BYTES
from services.intake.ingress.contract_validation import MAX_CHECKED_DEPTH, MAX_CHECKED_ITEMS
from services.intake.ingress.strict_json import MAX_ERRORS
from tests.support.intake_harness import IntakeHarness, event

MAX_SECONDS = 0.5
FILL_BYTES = MAX_RECORD_BYTES - 4096


def many(part: str) -> str:
    """As many parts as fit in a record, joined by commas; each # is replaced by a counter."""
    return ",".join(part.replace("#", str(n)) for n in range(FILL_BYTES // (len(part) + 1 + 4 * part.count("#"))))


def a_list(part: str) -> str:
    return f"[{many(part)}]"


def with_data(kind: str, name: str, raw: str) -> str:
    """An event with this raw JSON in one field of its data."""
    return json.dumps(event(kind, **{name: "HERE"})).replace('"HERE"', raw)


def beside(raw: str) -> str:
    """An event with this raw JSON beside its data."""
    return json.dumps(event("organisation-submitted"))[:-1] + f",{raw}}}"


HALF = many('"a#":0')[: FILL_BYTES // 2].rpartition(",")[0]
SHAPES = {
    "wrong parts": with_data("readiness-reported", "answers", a_list("0")),
    "empty parts": with_data("readiness-reported", "answers", a_list("{}")),
    "empty parts with many fields": with_data("vacancy-submitted", "tasks", a_list("{}")),
    "parts with unknown fields": with_data("vacancy-submitted", "tasks", a_list('{"x":0}')),
    "codes outside their list": with_data("organisation-submitted", "motives", a_list('"x"')),
    "one answer over and over": with_data("readiness-reported", "answers", a_list('{"item":"RC-001","answer":"yes"}')),
    "unknown fields": with_data("organisation-submitted", "more", "{" + many('"a#":0') + "}"),
    "duplicate names": beside(f"{HALF},{HALF}"),
    "objects with a duplicate name": beside('"x":' + a_list('{"a":1,"a":1}')),
    "wrong attributes": beside(many('"A#":[]')),
    "a long name above many": beside(f'"{"n" * (FILL_BYTES // 2)}":[{"1," * (FILL_BYTES // 4)}"\\ud800"]'),
    "lone surrogates": beside('"x":' + a_list('"\\ud800"')),
    "escapes": beside('"x":"' + "\\\\" * (FILL_BYTES // 2) + '"'),
    "lists in lists": beside('"x":' + "[" * (FILL_BYTES // 2) + "]" * (FILL_BYTES // 2)),
    "objects in objects": beside('"x":' + '{"a":' * (FILL_BYTES // 6) + "1" + "}" * (FILL_BYTES // 6)),
    "digits": beside('"x":' + "1" * FILL_BYTES),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_largest_record_is_processed_within_the_limit_whatever_its_shape(shape: str) -> None:
    value = SHAPES[shape].encode()
    assert MAX_RECORD_BYTES * 0.9 < len(value) <= MAX_RECORD_BYTES
    intake, start = IntakeHarness(), process_time()

    receipt = intake.receipt(value)

    assert process_time() - start < MAX_SECONDS
    assert len(receipt.problem.errors if receipt.problem else receipt.unknown_fields) <= MAX_ERRORS + 1


@pytest.mark.parametrize("depth", [300, 600, 900, 2000])
def test_deeply_nested_data_get_a_receipt(depth: int) -> None:
    value = with_data("organisation-submitted", "more", "[" * depth + "]" * depth)

    assert IntakeHarness().receipt(value.encode()).outcome in ("accepted", "rejected")


def test_list_that_is_too_long_is_reported_with_its_limit() -> None:
    problem = (
        IntakeHarness()
        .receipt(with_data("organisation-submitted", "sought", "[]").replace('"fit", ', '"fit", ' * 40).encode())
        .problem
    )

    assert problem and [(error.pointer, error.detail) for error in problem.errors] == [
        ("/data/motives", "has too many items: at most 30")
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_lists_of_the_contract_are_within_what_validation_checks(kind: str) -> None:
    lists = [part for part in parts(schema(kind)) if part.get("type") == "array"]

    assert lists and all(part["maxItems"] < MAX_CHECKED_ITEMS for part in lists)
    assert len(list(levels(event(kind)["data"]))) < MAX_CHECKED_DEPTH


def parts(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from parts(inner)


def levels(value: Any) -> Iterator[int]:
    """One for each level below a JSON value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    deepest: list[int] = max((list(levels(part)) for part in inner), key=len, default=[])
    yield from (0, *deepest)
