"""The development clock is moved by a file, forwards unless somebody insists."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.errors import UserError
from deploy.operations import dev_clock


def test_a_moment_is_read_in_the_programmes_zone() -> None:
    assert dev_clock.parse("2027-02-12 10:00", "Europe/Brussels").astimezone(UTC) == datetime(2027, 2, 12, 9, tzinfo=UTC)


def test_a_date_alone_means_nine_in_the_morning() -> None:
    assert dev_clock.parse("2027-07-12", "Europe/Amsterdam").astimezone(UTC) == datetime(2027, 7, 12, 7, tzinfo=UTC)


def test_what_is_no_moment_is_told_how_to_write_one() -> None:
    with pytest.raises(UserError, match='write it as "2027-02-12 10:00"'):
        dev_clock.parse("tomorrow", "Europe/Brussels")


def test_a_local_time_that_does_not_exist_moves_forward() -> None:
    assert dev_clock.parse("2027-03-28 02:30", "Europe/Brussels").astimezone(UTC) == dev_clock.parse(
        "2027-03-28 03:30", "Europe/Brussels"
    ).astimezone(UTC)


@pytest.mark.parametrize("moment", ["9999-12-31", "1970-01-01"])
def test_the_clock_stays_within_five_years(moment: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="at most five years"):
        dev_clock.set_to(tmp_path / "clock", dev_clock.parse(moment, "Europe/Brussels"), back=True)
    assert not (tmp_path / "clock").exists()


def test_without_a_file_nothing_is_added(tmp_path: Path) -> None:
    assert dev_clock.offset(tmp_path / "clock") == timedelta()


def test_the_file_holds_the_days_to_the_moment(tmp_path: Path) -> None:
    later = dev_clock.real_now() + timedelta(days=21, hours=6)

    dev_clock.set_to(tmp_path / "clock", later)

    assert float((tmp_path / "clock").read_text()) == pytest.approx(21.25, abs=1e-3)


def test_time_does_not_go_back_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    dev_clock.set_to(file, dev_clock.real_now() + timedelta(days=30))

    with pytest.raises(UserError, match="--back"):
        dev_clock.set_to(file, dev_clock.real_now() + timedelta(days=29))


def test_time_goes_back_when_somebody_insists(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    dev_clock.set_to(file, dev_clock.real_now() + timedelta(days=30))

    dev_clock.set_to(file, dev_clock.real_now() + timedelta(days=1), back=True)

    assert dev_clock.offset(file) == pytest.approx(timedelta(days=1), abs=timedelta(minutes=1))
