"""`python -m tests.benchmarks [--quick] [--only NAME]`: measures, shows the table, keeps figures and picture in `var/bench`."""

import argparse
import asyncio
import shutil
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from deploy import async_tools
from deploy.errors import UserError
from deploy.stack.progress import TerminalProgress
from tests.benchmarks.environment import Environment, environment
from tests.benchmarks.parts import email_latency as letters
from tests.benchmarks.parts import relay as relays
from tests.benchmarks.parts import rendering as micro
from tests.benchmarks.parts import services as throughput
from tests.benchmarks.parts.services import Done
from tests.benchmarks.report import machine, report
from tests.benchmarks.report.rows import Row, missing

KEPT = Path("var/bench")


class Part(NamedTuple):
    """Rows that are measured together: how many steps its bar has, how many seconds it may take."""

    name: str
    steps: int
    most: float
    measure: Callable[[Environment, Done], Awaitable[list[Row]]]


FULL: Sequence[Part] = (
    Part(
        "services",
        25,
        600,
        lambda on, done: throughput.services(on, rounds=5, count=60_000, few=1_500, seconds=480, why=True, done=done),
    ),
    Part("processes", 9, 240, lambda on, done: throughput.scale(on, rounds=3, count=60_000, done=done)),
    Part("relay", 6, 240, lambda on, done: relays.alone(on, rounds=3, count=100_000, few=10_000, done=done)),
    Part("acknowledged", 1, 60, lambda on, done: relays.acknowledged(on, seconds=20, done=done)),
    Part("letters", 1, 120, lambda on, done: letters.latency(on, seconds=20, done=done)),
    Part("backlog", 12, 420, lambda on, done: relays.backlogs(on, rounds=3, done=done)),
    Part("snapshot", 3, 180, lambda on, done: relays.snapshot(on, count=100_000, held=500_000, done=done)),
    Part("shortlist", 1, 180, lambda on, done: micro.shortlist(on, times=40, done=done)),
    Part("mails", 8, 60, lambda _, done: micro.mails(rounds=7, done=done)),
)
QUICK: Sequence[Part] = (
    Part(
        "services",
        10,
        60,
        lambda on, done: throughput.services(on, rounds=2, count=12_000, few=400, seconds=48, why=False, done=done),
    ),
    Part("relay", 2, 20, lambda on, done: relays.alone(on, rounds=1, count=100_000, few=3_000, done=done)),
    Part("snapshot", 3, 20, lambda on, done: relays.snapshot(on, count=20_000, held=50_000, done=done)),
)
WHOLE = {"full": 1_750.0, "quick": 85.0}
"""Seconds after which what was not measured counts as missed."""


async def bench(parts: Sequence[Part], var: Path, name: str, most: float) -> None:
    """All parts. One that fails or takes too long is a missed row, and the others go on; after `most` seconds none begins."""
    console, begun = Console(width=None if sys.stdout.isatty() else 160), time.monotonic()
    here = machine.described(var)
    with TerminalProgress(console) as progress:
        with progress.step("Starting the stack") as started:
            async with environment(var) as on:
                started()
                here |= await machine.versions(on.admin)
                rows: list[Row] = []
                for part in parts:
                    left = most - (time.monotonic() - begun)
                    with progress.step(f"Measuring {part.name}", part.steps) as done:
                        rows += await _measured(part, on, done, left)
    report.shown(console, rows, here)
    for file in report.kept(KEPT, name, rows, here, time.monotonic() - begun):
        console.print(f"Kept in {file}", highlight=False)


async def _measured(part: Part, on: Environment, done: Done, left: float) -> list[Row]:
    try:
        async with asyncio.timeout(max(0.1, min(part.most, left))):
            return await part.measure(on, done)
    except (TimeoutError, UserError) as error:
        return [missing(part.name, "–", "measured in time", str(error) or f"not done after {min(part.most, left):.0f} s")]


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.benchmarks")
    parser.add_argument("--quick", action="store_true", help="the first rows and the relay, in 90 seconds")
    parser.add_argument("--only", help="one part alone", choices=[part.name for part in FULL])
    arguments = parser.parse_args()
    length, all_parts = ("quick", QUICK) if arguments.quick else ("full", FULL)
    name = "-".join(filter(None, (length, arguments.only)))
    parts = [part for part in all_parts if arguments.only in (None, part.name)]
    if not parts:
        parser.error(f"{arguments.only} is not among the parts of QUICK: {', '.join(part.name for part in QUICK)}")
    folder = KEPT / "stack"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    async_tools.run(bench(parts, folder, name, WHOLE[length]))


if __name__ == "__main__":
    main()
