"""Each line of bad input, as a file, gets the receipt that stands in the file: through the door and the rules alone."""

from pathlib import Path

import msgspec
import pytest

from tests.contracts.books import Books
from tests.contracts.case import CASES, steps, within


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_gets_its_receipts(path: Path) -> None:
    books = Books()

    for step in steps(path):
        given = msgspec.json.decode(msgspec.json.encode(books.receipt(step.value, partner=step.partner, headers=step.headers)))
        assert within(step.receipt, given), given
