"""The development clock: an offset file, moved forward unless `back` is set."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.errors import UserError
from deploy.operations import dev_clock


def test_local_time_is_parsed_in_the_given_zone() -> None:
    assert dev_clock.parse("2027-02-12 10:00", "Europe/Brussels").astimezone(UTC) == datetime(2027, 2, 12, 9, tzinfo=UTC)


def test_date_alone_means_nine_in_the_morning() -> None:
    assert dev_clock.parse("2027-07-12", "Europe/Amsterdam").astimezone(UTC) == datetime(2027, 7, 12, 7, tzinfo=UTC)


def test_invalid_time_is_refused_with_the_format() -> None:
    with pytest.raises(UserError, match='write it as "2027-02-12 10:00"'):
        dev_clock.parse("tomorrow", "Europe/Brussels")


def test_nonexistent_local_time_moves_forward() -> None:
    assert dev_clock.parse("2027-03-28 02:30", "Europe/Brussels").astimezone(UTC) == dev_clock.parse(
        "2027-03-28 03:30", "Europe/Brussels"
    ).astimezone(UTC)


@pytest.mark.parametrize("moment", ["9999-12-31", "1970-01-01"])
def test_clock_cannot_leave_five_years_from_the_real_time(moment: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="at most five years"):
        dev_clock.set_to(tmp_path / "clock", dev_clock.parse(moment, "Europe/Brussels"), back=True)
    assert not (tmp_path / "clock").exists()


def test_clock_is_not_moved_where_its_folder_is_not(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="can only be moved where its clock file is: set STACK_VAR to that folder"):
        dev_clock.write(tmp_path / "elsewhere/clock", timedelta(days=1))


@pytest.mark.parametrize("content", ["", "ten", "9" * 400, "nan"])
def test_clock_file_without_a_number_is_one_sentence(content: str, tmp_path: Path) -> None:
    (tmp_path / "clock").write_text(content)

    with pytest.raises(UserError, match="`tandem clock reset` writes it again"):
        dev_clock.offset(tmp_path / "clock")


def test_offset_is_zero_without_a_file(tmp_path: Path) -> None:
    assert dev_clock.offset(tmp_path / "clock") == timedelta()


def test_file_holds_the_offset_in_days(tmp_path: Path) -> None:
    later = dev_clock.real_now() + timedelta(days=21, hours=6)

    dev_clock.set_to(tmp_path / "clock", later)

    assert float((tmp_path / "clock").read_text()) == pytest.approx(21.25, abs=1e-3)


def test_clock_does_not_go_back_by_default(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    dev_clock.set_to(file, dev_clock.real_now() + timedelta(days=30))

    with pytest.raises(UserError, match="--back"):
        dev_clock.set_to(file, dev_clock.real_now() + timedelta(days=29))


def test_clock_goes_back_on_request(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    dev_clock.set_to(file, dev_clock.real_now() + timedelta(days=30))

    dev_clock.set_to(file, dev_clock.real_now() + timedelta(days=1), back=True)

    assert dev_clock.offset(file) == pytest.approx(timedelta(days=1), abs=timedelta(minutes=1))
