"""A part that fails costs neither the rows before it nor the parts after it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from deploy.errors import UserError
from deploy.stack.progress import NullProgress
from tests.benchmarks.environment import Environment
from tests.benchmarks.parts import FULL, QUICK
from tests.benchmarks.parts.part import Advance, Part
from tests.benchmarks.report.results import Results
from tests.benchmarks.report.rows import Row, ratio_row
from tests.benchmarks.runner import run_parts

NO_ENVIRONMENT = cast(Environment, None)


def part(name: str, error: Exception | None = None, *, hangs: bool = False, max_seconds: float = 10) -> Part:
    """A part with one row, which then raises or hangs."""

    async def measure(environment: Environment, advance: Advance) -> AsyncIterator[Row]:
        yield ratio_row(name, "reference", [2.0], 1, "", at_least=True)
        if hangs:
            await asyncio.sleep(60)
        if error:
            raise error

    return Part(name, 1, max_seconds, measure)


async def run(folder: Path, *parts: Part, seconds: float = 60) -> tuple[Results, Any]:
    """Run these parts, and return the results and the content of the JSON file."""
    results = Results(folder, "full", {})
    await run_parts(parts, NO_ENVIRONMENT, results, NullProgress(), time.monotonic() + seconds)
    return results, json.loads((folder / "full.json").read_text())


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("invalid literal for int()"), "ValueError: invalid literal for int()"),
        (UserError("intake-0 exited with code 1"), "intake-0 exited with code 1"),
        (TimeoutError("5 of 10 after 90 s"), "5 of 10 after 90 s"),
    ],
)
async def test_failed_part_is_reported_and_the_others_continue(tmp_path: Path, error: Exception, reason: str) -> None:
    results, written = await run(tmp_path, part("first"), part("second", error), part("third"))

    assert results.failed_parts == ["second"]
    assert [(row.name, row.result) for row in results.rows if row.result == "not measured"] == [("second", "not measured")]
    assert [row["name"] for row in written["rows"]] == ["first", "second", "second", "third"]
    assert written["rows"][2]["absolute"] == reason


async def test_part_that_takes_too_long_is_cancelled(tmp_path: Path) -> None:
    results, _ = await run(tmp_path, part("slow", hangs=True, max_seconds=0.1), part("next"))

    assert results.failed_parts == ["slow"]
    assert [row.name for row in results.rows] == ["slow", "slow", "next"]


async def test_no_part_continues_after_the_deadline(tmp_path: Path) -> None:
    results, _ = await run(tmp_path, part("one", hangs=True), part("two", hangs=True), seconds=0.1)

    assert results.failed_parts == ["one", "two"]


async def test_missed_goal_is_no_failure(tmp_path: Path) -> None:
    async def measure(environment: Environment, advance: Advance) -> AsyncIterator[Row]:
        yield ratio_row("slow", "reference", [0.5], 1, "", at_least=True)

    results, _ = await run(tmp_path, Part("services", 1, 10, measure))

    assert not results.failed_parts
    assert not results.rows[0].met


def test_quick_consists_of_parts_of_the_full_benchmark() -> None:
    assert {part.name for part in QUICK} <= {part.name for part in FULL}
