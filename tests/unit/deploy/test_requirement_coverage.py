"""Which rows of the checklist the tests carry."""

from tools.requirement_coverage import marks, rows, shown

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


def test_a_mark_counts_wherever_it_stands() -> None:
    assert set(marks(MODULE)) == {"R001", "R002", "R003", "R004", "R005"}


def test_the_checklist_has_all_its_rows() -> None:
    assert list(rows()) == [f"R{number:03}" for number in range(1, 153)]


def test_no_test_names_a_row_that_does_not_exist() -> None:
    assert shown() <= set(rows())
