"""The system's only clock. In the development profile a file can set it ahead."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

_offset_file: Path | None = None
_last_days = 0.0


def use_offset_file(file: Path | None) -> None:
    """Add the number of days in `file`, one decimal number, to the clock from now on. No file there means no offset."""
    global _offset_file, _last_days
    _offset_file, _last_days = file, 0.0


def now() -> datetime:
    """Return the current time in UTC, plus the offset if an offset file is in use."""
    real = datetime.now(UTC)  # noqa: TID251
    return _with_offset(real, _offset_file) if _offset_file else real


def _with_offset(real: datetime, file: Path) -> datetime:
    """Add the offset. A file that is unreadable, half written or out of range leaves the previous offset in force."""
    global _last_days
    with suppress(ValueError, OverflowError, OSError):
        days = float(file.read_text()) if file.exists() else 0.0
        moved = real + timedelta(days=days)
        _last_days = days
        return moved
    return real + timedelta(days=_last_days)
