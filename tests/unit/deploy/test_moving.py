"""The development clock is moved by a file, forwards unless somebody insists."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy import moving
from deploy.trouble import Trouble


def test_a_moment_is_read_in_the_programmes_zone() -> None:
    assert moving.parse("2027-02-12 10:00", "Europe/Brussels").astimezone(UTC) == datetime(2027, 2, 12, 9, tzinfo=UTC)


def test_a_date_alone_means_nine_in_the_morning() -> None:
    assert moving.parse("2027-07-12", "Europe/Amsterdam").astimezone(UTC) == datetime(2027, 7, 12, 7, tzinfo=UTC)


def test_what_is_no_moment_is_told_how_to_write_one() -> None:
    with pytest.raises(Trouble, match='write it as "2027-02-12 10:00"'):
        moving.parse("tomorrow", "Europe/Brussels")


def test_a_local_time_that_does_not_exist_moves_forward() -> None:
    assert moving.parse("2027-03-28 02:30", "Europe/Brussels").astimezone(UTC) == moving.parse(
        "2027-03-28 03:30", "Europe/Brussels"
    ).astimezone(UTC)


@pytest.mark.parametrize("moment", ["9999-12-31", "1970-01-01"])
def test_the_clock_stays_within_five_years(moment: str, tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="at most five years"):
        moving.move(tmp_path / "clock", moving.parse(moment, "Europe/Brussels"), back=True)
    assert not (tmp_path / "clock").exists()


def test_without_a_file_nothing_is_added(tmp_path: Path) -> None:
    assert moving.ahead(tmp_path / "clock") == timedelta()


def test_the_file_holds_the_days_to_the_moment(tmp_path: Path) -> None:
    later = moving.real() + timedelta(days=21, hours=6)

    moving.move(tmp_path / "clock", later)

    assert float((tmp_path / "clock").read_text()) == pytest.approx(21.25, abs=1e-3)


def test_time_does_not_go_back_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    moving.move(file, moving.real() + timedelta(days=30))

    with pytest.raises(Trouble, match="--back"):
        moving.move(file, moving.real() + timedelta(days=29))


def test_time_goes_back_when_somebody_insists(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    moving.move(file, moving.real() + timedelta(days=30))

    moving.move(file, moving.real() + timedelta(days=1), back=True)

    assert moving.ahead(file) == pytest.approx(timedelta(days=1), abs=timedelta(minutes=1))
