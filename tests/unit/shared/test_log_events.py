"""The table of log events is complete: an operator's alerts are written on it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
SOURCES = [*(ROOT / "shared").rglob("*.py"), *(ROOT / "services").rglob("*.py")]


def test_every_log_event_stands_in_the_table_with_its_level() -> None:
    calls = {call for file in SOURCES for call in re.findall(r'\blog\.(\w+)\(\s*"(\w+)"', file.read_text(encoding="utf-8"))}

    assert {(event, level) for level, event in calls} == documented_events() - {
        ("library_warning", "as the library's"),
        ("library_error", "as the library's"),
    }, "see docs/log-events.md"


def documented_events() -> set[tuple[str, str]]:
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| ([^|]+) \|", (ROOT / "docs/log-events.md").read_text(encoding="utf-8"), re.M)
    return {(event, level.strip()) for events, level in rows for event in re.findall(r"\w+", events)}
