"""A case: records as partners send them, each with the receipt that it must get."""

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
    """One record, and what must stand in its receipt, besides whatever else does."""

    partner: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    receipt: Mapping[str, Any]


def steps(path: Path, today: date = WRITTEN_ON) -> list[Step]:
    """The records of a file, in the order in which they are sent. Where it says `in 49 days` stands that date from `today`."""
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


def within(expected: Any, given: Any) -> bool:
    """Whether all that is expected stands in what was given: of objects these names, of lists exactly these, in order."""
    if isinstance(expected, Mapping):
        return isinstance(given, Mapping) and all(name in given and within(expected[name], given[name]) for name in expected)
    if isinstance(expected, list):
        return isinstance(given, list) and len(expected) == len(given) and all(map(within, expected, given))
    return bool(expected == given)
