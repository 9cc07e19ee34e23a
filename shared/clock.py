"""The one clock of the house. In the development profile it adds the days that a small file names, so that time can be moved."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

_file: Path | None = None
_days = 0.0


def follow(file: Path | None) -> None:
    """From now on adds what `file` holds: one decimal number of days. No file there means none."""
    global _file, _days
    _file, _days = file, 0.0


def now() -> datetime:
    """This moment in UTC, moved by the days of the clock file if one is followed."""
    real = datetime.now(UTC)  # noqa: TID251
    return _moved(real) if _file else real


def _moved(real: datetime) -> datetime:
    """Ahead by the days in the file; one that is being written this very moment, or says no such date, counts as what it was."""
    global _days
    with suppress(ValueError, OverflowError, OSError):
        days = float(_file.read_text()) if _file and _file.exists() else 0.0
        moved = real + timedelta(days=days)
        _days = days
        return moved
    return real + timedelta(days=_days)
