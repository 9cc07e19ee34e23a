"""The limits on the structure of a record's JSON, and that they cost nothing to check."""

import json
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.contract.readiness import Answered
from services.intake.ingress.complexity import MAX_DEPTH, MAX_DIGITS, MAX_VALUES, complexity_error
from shared.programme.readiness_catalogue import readiness_items
from tests.support.intake_harness import IntakeHarness, event

LEAVES = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=20) | st.just('"[{,\\"')


@given(st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)))
def test_json_within_the_limits_passes(value: object) -> None:
    assert complexity_error(json.dumps(value).encode()) is None
    assert complexity_error(json.dumps(value, ensure_ascii=False).encode(errors="replace")) is None


@pytest.mark.parametrize("text", ['"' + "[" * 3000 + '"', '"' + '\\",' * 3000 + '"', json.dumps({"a,[" * 1000: "{" * 99})])
def test_what_stands_in_a_string_does_not_count(text: str) -> None:
    assert complexity_error(text.encode()) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" + ",".join(["{}"] * MAX_VALUES) + "]", "values"),
        ('{"smile": "\\ud83d\\ude00", "z": [' + ",".join(["1"] * MAX_VALUES) + "]}", "values"),
        ("{" + ",".join(f'"{n}":0' for n in range(MAX_VALUES + 1)) + "}", "values"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "deeper"),
        ('{"a":[' * 20 + "]}" * 20, "deeper"),
        ("[" + ",".join(["1" * (MAX_DIGITS + 1)] * 200) + "]", "digits"),
    ],
)
def test_what_exceeds_a_limit_is_named(text: str, words: str) -> None:
    assert words in str(complexity_error(text.encode()))


def test_a_report_on_every_item_stays_far_below_the_limit() -> None:
    answer = dict.fromkeys(Answered.model_fields, "x")
    report = event("readiness-reported", answers=[answer] * len(readiness_items()))

    assert complexity_error(json.dumps({"a": report, "b": report}).encode()) is None


@pytest.mark.parametrize("headers", [[("", b"")] * 300_000, [(f"ce_a{n}", b"") for n in range(30_000)]])
def test_a_record_with_too_many_headers_gets_a_receipt(headers: list[tuple[str, bytes]]) -> None:
    receipt = IntakeHarness().receipt(b"{}", headers=headers)

    assert receipt.problem and receipt.problem.type.endswith("too-complex")


def test_hard_records_are_refused_at_no_cost() -> None:
    hard = json.dumps(event("organisation-submitted", zz={"smile": "😀", "z": [{}] * 61_000})).replace(" ", "").encode()
    intake, started = IntakeHarness(), process_time()

    receipts = [intake.receipt(hard) for _ in range(20)]

    assert {(receipt.outcome, receipt.problem.type.split(":")[-1]) for receipt in receipts if receipt.problem} == {
        ("rejected", "too-complex")
    }
    assert process_time() - started < 0.5
