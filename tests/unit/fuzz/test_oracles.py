"""The oracles of the fuzz run: each finds what it is for, and leaves ordinary results alone."""

import json
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from deploy.partner_client.client import Receipt
from deploy.partner_client.record import RecordPosition
from deploy.stack.endpoints import POLICY
from services.intake import contract
from shared import clock
from tests.fuzz import oracles, policy
from tests.fuzz.report import Report
from tests.fuzz.structure import places


def event(email: str) -> bytes:
    return json.dumps({"data": {"coordinator": {"email": email}}}).encode()


def receipt(position: RecordPosition, outcome: str) -> Receipt:
    return Receipt(position, UUID(int=1), UUID(int=2), {"outcome": outcome})


@pytest.mark.parametrize(("outcome", "found"), [("accepted", set()), ("duplicate", set()), ("rejected", {"jan@huis.example"})])
def test_recipients_must_be_in_accepted_events(outcome: str, found: set[str]) -> None:
    position = RecordPosition("t", 0, 0)

    accepted = oracles.accepted_addresses({position: event("jan@huis.example")}, {position: receipt(position, outcome)})

    assert oracles.unaccepted(["jan@huis.example"], accepted) == found


def test_the_right_part_of_an_odd_address_is_not_accepted() -> None:
    position = RecordPosition("t", 0, 0)
    accepted = oracles.accepted_addresses({position: event("foo<bar@huis.example")}, {position: receipt(position, "accepted")})

    assert oracles.unaccepted(["bar@huis.example"], accepted) == {"bar@huis.example"}


def test_international_domain_is_compared_as_it_travels() -> None:
    assert oracles.plain_address("Info@straße.example") == "info@xn--strae-oqa.example"


@pytest.mark.parametrize("kind", contract.KINDS)
def test_names_addresses_and_texts_of_the_examples_are_found_in_logs(kind: str) -> None:
    data = contract.example(kind, "demo", "id", clock.now())["data"]
    people = [container[key] for container, key in places(data) if key in ("email", "phone", "note", "job_description")]
    people += [container["name"] for container, key in places(data) if key == "email"]

    for text in people:
        assert list(oracles.log_findings([json.dumps({"event": "x", "detail": f"before {text} after"})])), text


@pytest.mark.parametrize(
    "line", ['{"event": "ready", "service": "intake"}', "plain text", '{"detail": "raised in render, mime.py line 12"}']
)
def test_ordinary_log_lines_are_not_found(line: str) -> None:
    assert not list(oracles.log_findings([line]))


def test_tracebacks_are_found() -> None:
    assert [finding for finding, _ in oracles.log_findings(["Traceback (most recent call last):"])] == ["a traceback in a log"]


@pytest.mark.parametrize(
    ("content", "outcome"), [(POLICY.read_bytes(), "valid"), (b"\xff", "invalid"), (b"version = 'x'", "invalid")]
)
def test_policy_is_valid_or_invalid(tmp_path: Path, content: bytes, outcome: str) -> None:
    (file := tmp_path / "policy.toml").write_bytes(content)

    assert policy.verdict(file) == outcome


def test_report_is_written_with_examples(tmp_path: Path) -> None:
    report = Report(1, Random(1).randrange(9))
    report.measure("page", 1.234)
    report.add("a finding", "x" * 5_000)

    report.write(tmp_path / "fuzz/1.json")

    written = json.loads((tmp_path / "fuzz/1.json").read_text())
    assert written["longest_seconds"] == {"page": 1.23}
    assert written["findings"]["a finding"]["count"] == 1
