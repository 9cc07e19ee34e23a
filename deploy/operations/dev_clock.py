"""Moves the development clock: a small file names the days by which it is ahead of the real one."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from deploy.errors import UserError
from shared import clock

DAY = timedelta(days=1)
FARTHEST = 5 * 365 * DAY


def parse(text: str, zone: str) -> datetime:
    """A local moment such as `2027-02-12 10:00` (or a date: nine in the morning there), with its zone.

    One that does not exist, as clocks go forward, is the moment as far behind it.
    """
    try:
        moment = datetime.fromisoformat(text if len(text) > len("2027-02-12") else f"{text} 09:00")
    except ValueError:
        raise UserError(f'{text!r} is no moment: write it as "2027-02-12 10:00".') from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


def offset(file: Path) -> timedelta:
    """How far the clock is ahead; nothing where there is no file."""
    return timedelta(days=float(file.read_text())) if file.exists() else timedelta()


def real_now() -> datetime:
    """The commands follow no clock file, so theirs is the real time."""
    return clock.now()


def stack_now(file: Path) -> datetime:
    """What the services take for now."""
    return real_now() + offset(file)


def set_to(file: Path, moment: datetime, *, back: bool = False) -> None:
    """Lets the services take `moment` for now.

    Trouble when that would go back and `back` does not say so, or lies more than five years from the real time.
    """
    if abs(moment - real_now()) > FARTHEST:
        raise UserError("The clock moves at most five years from the real time: choose a nearer moment.")
    if moment < stack_now(file) and not back:
        raise UserError("That is in the past of this stack, and what has happened stays: add --back if you mean it.")
    write(file, moment - real_now())


def write(file: Path, days: timedelta) -> None:
    """The file is never seen half written."""
    beside = file.with_suffix(".new")
    beside.write_text(f"{days / DAY:.9f}\n")
    beside.replace(file)
