"""`python -m tests.fuzz`: feeds a real stack with random input at every entry, and checks what must hold; results in `var/fuzz`."""

import argparse
import asyncio
import shutil
import sys
import time
from datetime import timedelta
from pathlib import Path
from random import Random

import httpx
from rich.console import Console

from deploy import async_tools
from deploy.operations import dev_clock
from deploy.stack.embedded import kafka_jars
from deploy.stack.progress import TerminalProgress
from tests.fault_injection.run import cluster_folder, silence_logs
from tests.fault_injection.run_context import RunContext, run_context
from tests.fuzz import command_line, events, policy
from tests.fuzz.canaries import Canaries
from tests.fuzz.conclusion import conclude
from tests.fuzz.pages import TIMEOUT, PagesFuzzer
from tests.fuzz.report import Report

OUTPUT_FOLDER = Path("var/fuzz")
PREPARATION_SECONDS, PREPARATION_RATE = 5, 80
UNTIL_EVALUATIONS = timedelta(days=110)
GOOD_LOAD = 2
"""Events per second of a partner without faults, whose people answer their emails."""


def main() -> None:
    """Parse the command line, run, and exit with 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1, help="how long to feed the stack; default: 1")
    parser.add_argument(
        "--seed", type=int, default=int(time.time()) % 1_000_000, help="the same seed makes the same random choices"
    )
    options = parser.parse_args()
    silence_logs()
    report = async_tools.run(run(Report(options.minutes, options.seed)))
    report.print(Console(soft_wrap=True))
    report.write(file := OUTPUT_FOLDER / f"{options.seed}.json")
    print(f"{file}, seed {options.seed}")
    sys.exit(bool(report.findings))


async def run(report: Report) -> Report:
    """Start a stack, feed it, and judge it."""
    console = Console()
    console.print(f"Seed {report.seed}, {report.minutes:g} min.", highlight=False)
    with TerminalProgress(console) as progress:
        await kafka_jars.fetch(progress)
    with cluster_folder() as var:
        async with run_context(var, report.seed, quick=False) as context:
            await prepare(context)
            await feed(context, report)
            await conclude(context, report)
        if report.findings:
            shutil.copytree(var / "log", OUTPUT_FOLDER / f"log-{report.seed}", dirs_exist_ok=True)
    return report


async def prepare(context: RunContext) -> None:
    """Let people form tandems, wait until their evaluations are near, then leave new shortlists and proposals unanswered.

    Only then does each kind of page have forms.
    """
    await context.load(PREPARATION_SECONDS, PREPARATION_RATE)
    await context.wait_quiet()
    file = context.cluster.endpoints.clock
    dev_clock.write(file, dev_clock.offset(file) + UNTIL_EVALUATIONS)
    await context.wait_quiet()
    context.users.only_read = True
    await context.load(PREPARATION_SECONDS, PREPARATION_RATE)
    await context.wait_quiet()


async def feed(context: RunContext, report: Report) -> None:
    """Fuzz every entry at once, beside canaries and good load, until the time is over; then send the last canaries."""
    async with httpx.AsyncClient(timeout=TIMEOUT) as http:
        canaries = Canaries(context, _random(report, "canaries"), report, http)
        entries = [
            events.fuzz(context, _random(report, "events"), report),
            PagesFuzzer(context, _random(report, "pages"), report, http).run(),
            policy.fuzz(context, _random(report, "policy"), report),
            command_line.fuzz(context, _random(report, "command line"), report),
            canaries.run(),
            context.load(report.minutes * 60, rate=GOOD_LOAD),
        ]
        tasks = [asyncio.create_task(entry) for entry in entries]
        await asyncio.sleep(report.minutes * 60)
        for task in tasks:
            task.cancel()
        for error in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(error, Exception):
                report.add(f"the fuzz run itself failed: {type(error).__name__}", error)
        await canaries.send_all()


def _random(report: Report, entry: str) -> Random:
    return Random(f"{report.seed}/{entry}")


if __name__ == "__main__":
    main()
