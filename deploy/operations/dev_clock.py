"""The development clock of a stack: a small file holds the number of days by which it is ahead of real time."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from deploy.errors import UserError
from shared import clock

DAY = timedelta(days=1)
MAX_OFFSET = 5 * 365 * DAY


def parse(text: str, zone: str) -> datetime:
    """Parse a local time such as `2027-02-12 10:00`, or a date for 09:00 on it, and attach the zone.

    A time in the gap when clocks go forward is moved forward by the length of the gap. Raises UserError for any other text.
    """
    try:
        moment = datetime.fromisoformat(text if len(text) > len("2027-02-12") else f"{text} 09:00")
    except ValueError:
        raise UserError(f'{text!r} is not a time: write it as "2027-02-12 10:00".') from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


def offset(file: Path) -> timedelta:
    """The time by which the clock is ahead; zero if there is no file. Raises UserError if the file holds no number of days."""
    try:
        return timedelta(days=float(file.read_text())) if file.exists() else timedelta()
    except (ValueError, OverflowError):
        raise UserError(f"The clock file {file} holds no number of days: `tandem clock reset` writes it again.") from None


def real_now() -> datetime:
    """The real time: the commands themselves never use an offset file."""
    return clock.now()


def stack_now(file: Path) -> datetime:
    """The time of the stack's services."""
    return real_now() + offset(file)


def set_to(file: Path, moment: datetime, *, back: bool = False) -> None:
    """Set the services' time to `moment`.

    Raises UserError if that is in the stack's past and `back` is not set, or more than five years from the real time.
    """
    if abs(moment - real_now()) > MAX_OFFSET:
        raise UserError("The clock can be at most five years from the real time: choose a closer time.")
    if moment < stack_now(file) and not back:
        raise UserError("That is in the past of this stack, and what happened there is not undone: add --back to do it anyway.")
    write(file, moment - real_now())


def write(file: Path, offset: timedelta) -> None:
    """Replace the file atomically, so that no service reads a partial one. Raises UserError if it cannot be written."""
    require_folder(file)
    temporary = file.with_suffix(".new")
    try:
        temporary.write_text(f"{offset / DAY:.9f}\n")
        temporary.replace(file)
    except OSError as error:
        raise UserError(f"The clock file {file} cannot be written: {error.strerror}.") from None


def require_folder(file: Path) -> None:
    """Raise UserError if the folder of the clock file is not here: the stack runs elsewhere."""
    if not file.parent.is_dir():
        raise UserError("The clock of this stack can only be moved where its clock file is: set STACK_VAR to that folder.")
