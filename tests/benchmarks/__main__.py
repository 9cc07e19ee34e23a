"""`python -m tests.benchmarks [--quick] [--only PART]`: measures, prints a table, writes figures and a chart to `var/bench`."""

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from deploy import async_tools
from deploy.stack.progress import TerminalProgress
from tests.benchmarks.environment import start_environment
from tests.benchmarks.parts import FULL, MAX_SECONDS, QUICK
from tests.benchmarks.parts.part import Part
from tests.benchmarks.report.machine import describe_database, describe_machine
from tests.benchmarks.report.results import Results
from tests.benchmarks.runner import run_parts

OUTPUT_FOLDER = Path("var/bench")
WIDTH_WITHOUT_TERMINAL = 160


async def run(parts: Sequence[Part], var: Path, name: str, max_seconds: float) -> bool:
    """Start the stack, measure the parts and report them. Return True if a part failed; a missed goal is no failure."""
    console, started = Console(width=None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL), time.monotonic()
    machine = describe_machine(var)
    with TerminalProgress(console) as progress:
        with progress.step("Starting the stack") as advance:
            async with start_environment(var) as environment:
                advance()
                results = Results(OUTPUT_FOLDER, name, machine | await describe_database(environment.admin))
                await run_parts(parts, environment, results, progress, started + max_seconds)
    results.print_table(console)
    for file in (results.write_json(), results.write_chart()):
        console.print(f"Written to {file}", highlight=False)
    if results.failed_parts:
        console.print(f"Failed: {', '.join(results.failed_parts)}", highlight=False)
    return bool(results.failed_parts)


def main() -> None:
    """Parse the command line, run, and exit with 1 if a part failed."""
    parser = argparse.ArgumentParser(prog="tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the first rows and the relay, in 90 seconds")
    names = [part.name for part in FULL]
    parser.add_argument("--only", metavar="PART", help=f"run one part alone: {', '.join(names)}", choices=names)
    options = parser.parse_args()
    length, all_parts = ("quick", QUICK) if options.quick else ("full", FULL)
    parts = [part for part in all_parts if options.only in (None, part.name)]
    if not parts:
        parser.error(f"QUICK has no part {options.only}, only {', '.join(part.name for part in QUICK)}")
    var = OUTPUT_FOLDER / "stack"
    shutil.rmtree(var, ignore_errors=True)
    var.mkdir(parents=True)
    name = "-".join(filter(None, (length, options.only)))
    sys.exit(async_tools.run(run(parts, var, name, MAX_SECONDS[length])))


if __name__ == "__main__":
    main()
