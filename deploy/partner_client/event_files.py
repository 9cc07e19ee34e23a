"""Events in a partner's files: one event, or one on each line."""

import codecs
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from deploy.errors import UserError
from deploy.partner_client.record import EventRecord
from services.intake.contract import record_key

BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def parse_events(path: Path, content: bytes) -> list[EventRecord]:
    """Split the content of a file into records: one event, or one per line.

    Invalid JSON becomes a record too, and gets a receipt with the error. Raises `UserError` if the file is empty, has a
    byte-order mark, or holds an array or several pretty-printed events.
    """
    lines = content.splitlines()
    if problem := next(_problems(content, lines), None):
        raise UserError(f"{path} {problem}.")
    if isinstance(_parse(content), dict) or not any(isinstance(_parse(line), dict) for line in _top_level(lines)):
        return [record_from_bytes(str(path), content)]
    return [record_from_bytes(f"{path}:{number}", line) for number, line in enumerate(lines, 1) if line.strip()]


def record_from_bytes(name: str, value: bytes) -> EventRecord:
    """Build a record with the contract's key, or without a key if the bytes name none."""
    event = _parse(value)
    key = record_key(event) if isinstance(event, dict) else None
    return EventRecord(name, key.encode() if key else None, value)


def _problems(content: bytes, lines: Sequence[bytes]) -> Iterator[str]:
    if not content.strip():
        yield "is empty: `tandem contract example organisation-submitted` prints an event to start from"
    if content.startswith(BYTE_ORDER_MARKS):
        yield "begins with a byte-order mark, which JSON does not allow: save it as UTF-8 without BOM"
    if isinstance(_parse(content), list):
        yield "holds an array: write one event per line (`jq -c '.[]'`), or one per file"
    if len(_top_level(lines)) > 1 and any(line.startswith(b"}") for line in lines):
        yield "holds several pretty-printed events: write one event per line (`jq -c .`), or one per file"


def _top_level(lines: Sequence[bytes]) -> list[bytes]:
    """Return the lines at which an event may begin; nested objects are indented."""
    return [line for line in lines if line.startswith(b"{")]


def _parse(value: bytes) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None
