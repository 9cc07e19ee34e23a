"""The clock that can be moved."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared import clock


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    clock.follow(tmp_path / "clock")
    yield tmp_path / "clock"
    clock.follow(None)


def ahead() -> timedelta:
    moved = clock.now()
    clock.follow(None)
    return moved - clock.now()


def test_without_a_file_the_clock_is_the_real_one(file: Path) -> None:
    assert abs(ahead()) < timedelta(seconds=1)


def test_the_days_in_the_file_are_added(file: Path) -> None:
    file.write_text("1.5\n")

    assert abs(ahead() - timedelta(days=1.5)) < timedelta(seconds=1)


def test_a_file_that_is_just_being_written_counts_as_what_it_was(file: Path) -> None:
    file.write_text("1.5")
    clock.now()
    file.write_text("")

    assert abs(ahead() - timedelta(days=1.5)) < timedelta(seconds=1)


@pytest.mark.parametrize("days", ["nan", "inf", "1e7", "-1e7"])
def test_days_that_lead_to_no_date_count_as_what_it_was(file: Path, days: str) -> None:
    file.write_text("1.5")
    clock.now()
    file.write_text(days)

    assert abs(ahead() - timedelta(days=1.5)) < timedelta(seconds=1)
