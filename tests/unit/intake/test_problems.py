"""`contract.md` explains every problem."""

from pathlib import Path

import pytest

from services.intake.problems import CATALOGUE, Name

PAGE = Path("services/intake/contract.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CATALOGUE)
def test_contract_page_explains_each_problem_with_its_status(name: Name) -> None:
    status, retryable, _ = CATALOGUE[name]

    assert f"| `{name}` | {status} | {'yes ' if retryable else ''}|" in PAGE
