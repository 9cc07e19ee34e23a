"""The contract cases in `cases/`, through the ingress and the decider alone."""

from pathlib import Path

import msgspec
import pytest

from tests.contract.case import CASES, steps, within
from tests.support.intake_harness import IntakeHarness


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_each_record_of_a_case_gets_the_expected_receipt(path: Path) -> None:
    intake = IntakeHarness()

    for step in steps(path):
        receipt = msgspec.json.decode(msgspec.json.encode(intake.receipt(step.value, partner=step.partner, headers=step.headers)))
        assert within(step.receipt, receipt), receipt
