"""The clock and its offset file."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared import clock


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    clock.use_offset_file(tmp_path / "clock")
    yield tmp_path / "clock"
    clock.use_offset_file(None)


def offset() -> timedelta:
    moved = clock.now()
    clock.use_offset_file(None)
    return moved - clock.now()


def test_without_a_file_the_clock_is_real(file: Path) -> None:
    assert abs(offset()) < timedelta(seconds=1)


def test_the_days_in_the_file_are_added(file: Path) -> None:
    file.write_text("1.5\n")

    assert abs(offset() - timedelta(days=1.5)) < timedelta(seconds=1)


def test_a_half_written_file_leaves_the_previous_offset(file: Path) -> None:
    file.write_text("1.5")
    clock.now()
    file.write_text("")

    assert abs(offset() - timedelta(days=1.5)) < timedelta(seconds=1)


@pytest.mark.parametrize("days", ["nan", "inf", "1e7", "-1e7"])
def test_an_offset_out_of_range_leaves_the_previous_one(file: Path, days: str) -> None:
    file.write_text("1.5")
    clock.now()
    file.write_text(days)

    assert abs(offset() - timedelta(days=1.5)) < timedelta(seconds=1)
