"""Which requirements the tests cover."""

from tools.requirement_coverage import covered_codes, load_requirements, marked_codes

MODULE = """
import pytest

pytestmark = pytest.mark.rule("R001")

@pytest.mark.rule("R002", "R003")
@pytest.mark.parametrize("name", [pytest.param("a", marks=pytest.mark.rule("R004"))])
def test_it(name): ...

row = pytest.mark.rule

@row("R005")
def test_that(): ...
"""


def test_mark_counts_wherever_it_is_applied() -> None:
    assert set(marked_codes(MODULE)) == {"R001", "R002", "R003", "R004", "R005"}


def test_requirements_are_complete() -> None:
    assert list(load_requirements()) == [f"R{number:03}" for number in range(1, 153)]


def test_no_test_names_an_unknown_requirement() -> None:
    assert covered_codes() <= set(load_requirements())
