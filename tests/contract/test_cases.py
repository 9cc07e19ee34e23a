"""Each line of bad input, as a file, gets the receipt that stands in the file: through the door and the rules alone."""

from pathlib import Path

import msgspec
import pytest

from tests.contract.case import CASES, steps, within
from tests.support.intake_harness import IntakeHarness


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_gets_its_receipts(path: Path) -> None:
    intake = IntakeHarness()

    for step in steps(path):
        given = msgspec.json.decode(msgspec.json.encode(intake.receipt(step.value, partner=step.partner, headers=step.headers)))
        assert within(step.receipt, given), given
