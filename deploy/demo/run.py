"""The demo: starts the stack, plays the journey, and prints what happened and how long it took."""

import asyncio
import contextlib
import shutil
import time
from contextlib import AsyncExitStack
from pathlib import Path

from rich.console import Console

from deploy.demo.journey import run_journey
from deploy.stack.current_stack import shown
from deploy.stack.embedded import kafka_jars
from deploy.stack.endpoints import Endpoints
from deploy.stack.progress import TerminalProgress
from deploy.stack.running_stack import RunningStack, running_stack


class Stopwatch:
    """Seconds of each phase, by name."""

    def __init__(self, started: float) -> None:
        self.last = started
        self.seconds: dict[str, float] = {}

    def lap(self, phase: str) -> None:
        now = time.time()
        self.seconds[phase] = round(now - self.last, 1)
        self.last = now


async def run_demo(var: Path, started: float, report_file: Path | None, keep: bool) -> None:
    """Run the demo in `var`. `started`: Unix time at which set-up began. Ctrl-C prints one sentence."""
    console = Console()
    try:
        await _run(console, var, started, report_file, keep)
    except asyncio.CancelledError:
        console.print(f"\nInterrupted; emails and logs so far are in {shown(var)}/mail and {shown(var)}/log.", highlight=False)
        raise


async def _run(console: Console, var: Path, started: float, report_file: Path | None, keep: bool) -> None:
    remove_last_run(var)
    watch = Stopwatch(started)
    async with AsyncExitStack() as stack:
        with TerminalProgress(console) as progress:
            await kafka_jars.fetch(progress)
            watch.lap("set_up")
            running = await stack.enter_async_context(running_stack(var, progress))
            watch.lap("start")
            report = await running.supervised(run_journey(running.endpoints, progress), progress.log)
            watch.lap("journey")
        console.print()
        report.print(console)
        if report_file:
            report.write(report_file, watch.seconds)
        console.print(durations(watch.seconds), highlight=False, soft_wrap=True)
        console.print(addresses(running.endpoints) if keep else next_steps(var), highlight=False, soft_wrap=True)
        if keep:
            await run_until_interrupted(running, console, var)


async def run_until_interrupted(running: RunningStack, console: Console, var: Path) -> None:
    """Keep the stack running; Ctrl-C is the normal end."""
    with contextlib.suppress(asyncio.CancelledError):
        await running.supervised(asyncio.Event().wait(), console.print)
    console.print(f"\nStopped; the emails remain in {shown(var)}/mail.", highlight=False)


def remove_last_run(var: Path) -> None:
    """Remove the data of the last demo; those of `tandem up` in `var/up` remain."""
    for folder in ("kafka", "postgres", "mail", "log", "run"):
        shutil.rmtree(var / folder, ignore_errors=True)
    (var / "clock").unlink(missing_ok=True)


def durations(seconds: dict[str, float]) -> str:
    return f"\nSet-up {seconds['set_up']} s, start {seconds['start']} s, journey {seconds['journey']} s."


def addresses(endpoints: Endpoints) -> str:
    return (
        f"Emails: {endpoints.mail_catcher_url}\nPages: {endpoints.pages_url} (by the links in the emails)\nCtrl-C stops everything."
    )


def next_steps(var: Path) -> str:
    return (
        f"Read the emails: {shown(var)}/mail/index.html, in any browser.\n"
        "Live pages behind their links: make demo KEEP=1\n"
        "A running stack for your own events: make up"
    )
