"""The page of problems explains each of them."""

from pathlib import Path

import pytest

from services.intake.problems import CATALOGUE, Name

PAGE = Path("services/intake/contract.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_problem_stands_on_its_page_with_its_status(name: Name) -> None:
    status, retryable, _ = CATALOGUE[name]

    assert f"| `{name}` | {status} | {'yes ' if retryable else ''}|" in PAGE
