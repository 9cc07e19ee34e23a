"""What partners rely on, checked by third-party tools: jsonschema for the schemas, the CloudEvents SDK for the content modes."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it ships no types
import pytest
from cloudevents.core.bindings.kafka import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent

from services.intake.contract import KINDS, example, schema
from services.intake.contract.fields import PATTERN_HINTS
from tests.contract.case import CASES, steps
from tests.support.intake_harness import IntakeHarness, event

MOMENT = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


def events_of(name: str) -> list[dict[str, Any]]:
    path = next(path for path in CASES if path.stem == name)
    return [json.loads(step.value or b"") for step in steps(path)]


@pytest.mark.parametrize("kind", KINDS)
def test_example_of_each_kind_fits_its_schema_and_the_contract(kind: str) -> None:
    made = example(kind, "demo", "example-1", MOMENT)

    jsonschema.Draft202012Validator.check_schema(schema(kind))
    jsonschema.validate(made, schema(kind))
    problem = IntakeHarness().receipt(made).problem
    assert problem is None or problem.type.endswith(":unknown-reference")


def test_examples_sent_in_order_are_all_accepted() -> None:
    intake = IntakeHarness()

    outcomes = {kind: intake.receipt(example(kind, "demo", f"example-{kind}", MOMENT)).outcome for kind in KINDS}

    assert outcomes == dict.fromkeys(KINDS, "accepted")


@pytest.mark.parametrize("kind", KINDS)
def test_every_pattern_that_pydantic_matches_has_an_error_text(kind: str) -> None:
    patterns = {pattern for model in KINDS[kind].values() for pattern in _patterns(model.__pydantic_core_schema__)}

    assert patterns
    assert patterns <= PATTERN_HINTS.keys()


def _patterns(part: Any) -> Iterator[str]:
    """Every pattern in a core schema of pydantic."""
    if isinstance(part, dict):
        yield from (part[name] for name in ("pattern",) if isinstance(part.get(name), str))
        part = [inner for name, inner in part.items() if name != "metadata"]  # pydantic keeps the published JSON Schema there
    if isinstance(part, list):
        yield from (pattern for inner in part for pattern in _patterns(inner))


@pytest.mark.parametrize("case", ["codes-outside-their-list", "text-too-long", "missing-attributes", "missing-data"])
def test_schema_rejects_what_the_ingress_rejects(case: str) -> None:
    for made in events_of(case):
        kind = made["type"].split(".")[2]
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(made, schema(kind))


def test_schema_allows_unknown_fields_and_extensions() -> None:
    (made,) = events_of("unknown-extensions-and-fields")

    jsonschema.validate(made, schema("organisation-submitted"))


@pytest.mark.parametrize("write", [to_binary_event, to_structured_event], ids=["binary", "structured"])
def test_ingress_accepts_events_of_the_cloudevents_sdk_in_both_modes(write: Any) -> None:
    made = event("organisation-submitted")
    attributes = {name: value for name, value in made.items() if name != "data"} | {"time": MOMENT, "colour": "blauw é"}

    written = write(CloudEvent(attributes=attributes, data=made["data"]))
    receipt = IntakeHarness().receipt(written.value, headers=tuple(written.headers.items()))

    assert (receipt.outcome, receipt.event_id, receipt.unknown_attributes) == ("accepted", "event-1", ("colour",))
