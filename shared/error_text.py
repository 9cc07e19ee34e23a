"""Describes errors for logs and people without message content."""

import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.errors import TandemError

PROJECT_ROOT = Path(__file__).parents[1]


def safe_error_text(error: BaseException) -> str:
    """Return one line about `error` without message content.

    That is the text of a `TandemError`; for any other error, the line that raised it: the last one in our services, if any.
    """
    if isinstance(error, TandemError):
        return str(error)
    frames = list(traceback.extract_tb(error.__traceback__))
    in_services = [f for f in frames if Path(f.filename).is_relative_to(PROJECT_ROOT / "services")]
    if not frames:
        return "no traceback"
    last = (in_services or frames)[-1]
    return f"raised in {last.name}, {Path(last.filename).name} line {last.lineno}"


def validation_text(error: Mapping[str, Any]) -> str:
    """Return the text of one of pydantic's errors without the prefix that it puts before our own."""
    return str(error["msg"]).removeprefix("Value error, ")
