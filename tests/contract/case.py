"""Contract cases: records as partners send them, each with its expected receipt."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

WRITTEN_ON = date(2026, 11, 23)
CASES = sorted((Path(__file__).parent / "cases").glob("*.json"))


class Step(NamedTuple):
    """One record, and the fields that its receipt must have; it may have others."""

    partner: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    receipt: Mapping[str, Any]


def steps(path: Path, today: date = WRITTEN_ON) -> list[Step]:
    """The records of a file, in sending order. `in 49 days` is replaced by that date, counted from `today`."""
    text = re.sub(r"\bin (\d+) days\b", lambda found: str(today + timedelta(days=int(found[1]))), path.read_text(encoding="utf-8"))
    return [_step(step["record"], step["receipt"]) for step in json.loads(text)["steps"]]


def _step(record: Mapping[str, Any], receipt: Mapping[str, Any]) -> Step:
    headers = [(name, value.encode()) for name, value in record["headers"]]
    key = record["key"].encode() if "key" in record else None
    return Step(record.get("partner", "demo"), key, _value(record), headers, receipt)


def _value(record: Mapping[str, Any]) -> bytes | None:
    if "event" in record:
        return json.dumps(record["event"]).encode()
    if "text" in record:
        return str(record["text"]).encode()
    if "base64" in record:
        return base64.b64decode(record["base64"])
    return b"x" * record["filler"] if "filler" in record else None


def within(expected: Any, actual: Any) -> bool:
    """Return True if `actual` contains `expected`: objects at least these names, lists exactly these items in order."""
    if isinstance(expected, Mapping):
        return isinstance(actual, Mapping) and all(name in actual and within(expected[name], actual[name]) for name in expected)
    if isinstance(expected, list):
        return isinstance(actual, list) and len(expected) == len(actual) and all(map(within, expected, actual))
    return bool(expected == actual)
