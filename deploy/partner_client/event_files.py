"""Events as a partner's files hold them: one, or one a line. What cannot be told apart is said in one sentence."""

import codecs
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from deploy.errors import UserError
from services.intake.contract import record_key

MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class EventRecord(NamedTuple):
    """One record to be: what we call it, its key, and its bytes as they were written."""

    name: str
    key: bytes | None
    value: bytes


def events(path: Path, content: bytes) -> list[EventRecord]:
    """What a file holds: one event, or one a line. What is no JSON is an event as well: its receipt says what is wrong.

    Raises `Trouble` for nothing at all, a byte-order mark, a list, and several events over several lines each.
    """
    lines = content.splitlines()
    if why := next(_unfit(content, lines), None):
        raise UserError(f"{path} {why}.")
    if isinstance(_parsed(content), dict) or not any(isinstance(_parsed(line), dict) for line in _openings(lines)):
        return [written(str(path), content)]
    return [written(f"{path}:{number}", line) for number, line in enumerate(lines, 1) if line.strip()]


def written(name: str, value: bytes) -> EventRecord:
    """With the key that keeps the order, where the bytes name one."""
    parsed = _parsed(value)
    found = record_key(parsed) if isinstance(parsed, dict) else None
    return EventRecord(name, found.encode() if found else None, value)


def _unfit(content: bytes, lines: Sequence[bytes]) -> Iterator[str]:
    if not content.strip():
        yield "is empty: `tandem contract example organisation-submitted` prints an event to start from"
    if content.startswith(MARKS):
        yield "begins with a byte-order mark, which JSON does not know: save it as UTF-8 without BOM"
    if isinstance(_parsed(content), list):
        yield "holds a list: write its events one a line (`jq -c '.[]'` does), or one a file"
    if len(_openings(lines)) > 1 and any(line.startswith(b"}") for line in lines):
        yield "holds several events over several lines each: write one a line (`jq -c .` does), or one a file"


def _openings(lines: Sequence[bytes]) -> list[bytes]:
    """Lines at which an event may begin: an object inside one stands further in."""
    return [line for line in lines if line.startswith(b"{")]


def _parsed(value: bytes) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None
