"""The demo: opens the house, plays the journey in it, tells what happened and how long it took."""

import asyncio
import contextlib
import shutil
import time
from contextlib import AsyncExitStack
from pathlib import Path

from rich.console import Console

from deploy import demo
from deploy.stack.embedded import kafka_jars
from deploy.stack.endpoints import Endpoints
from deploy.stack.progress import TerminalProgress
from deploy.stack.running_stack import RunningStack, running_stack


class Stopwatch:
    """Seconds of each part, by its name."""

    def __init__(self, since: float) -> None:
        self.last = since
        self.seconds: dict[str, float] = {}

    def lap(self, part: str) -> None:
        now = time.time()
        self.seconds[part] = round(now - self.last, 1)
        self.last = now


async def show(var: Path, since: float, report: Path | None, keep: bool) -> None:
    """The whole demo in `var`; set-up is counted from `since`, in seconds of the epoch. Ctrl-C is said in one sentence."""
    console = Console()
    try:
        await play(console, var, since, report, keep)
    except asyncio.CancelledError:
        console.print(f"\nEnded before the story did; what there is of it lies in {var}/mail and {var}/log.", highlight=False)
        raise


async def play(console: Console, var: Path, since: float, report: Path | None, keep: bool) -> None:
    forget_last_time(var)
    watch = Stopwatch(since)
    async with AsyncExitStack() as stopping:
        with TerminalProgress(console) as progress:
            await kafka_jars.fetch(progress)
            watch.lap("set_up")
            opened = await stopping.enter_async_context(running_stack(var, progress))
            watch.lap("start")
            played = await opened.supervised(demo.play(opened.endpoints, progress), progress.log)
            watch.lap("journey")
        console.print()
        played.print(console)
        if report:
            played.write(report, watch.seconds)
        console.print(spoken(watch.seconds), highlight=False, soft_wrap=True)
        console.print(invitation(opened.endpoints) if keep else following(var), highlight=False, soft_wrap=True)
        if keep:
            await until_interrupted(opened, console, var)


async def until_interrupted(opened: RunningStack, console: Console, var: Path) -> None:
    """Stays open; Ctrl-C is the wanted end, and no failure."""
    with contextlib.suppress(asyncio.CancelledError):
        await opened.supervised(asyncio.Event().wait(), console.print)
    console.print(f"\nEnded; the mails stay in {var}/mail.", highlight=False)


def forget_last_time(var: Path) -> None:
    """The story starts from nothing; what `tandem up` keeps in `var/up` stays."""
    for folder in ("kafka", "postgres", "mail", "log", "run"):
        shutil.rmtree(var / folder, ignore_errors=True)
    (var / "clock").unlink(missing_ok=True)


def spoken(seconds: dict[str, float]) -> str:
    return f"\nSet-up {seconds['set_up']} s, start {seconds['start']} s, journey {seconds['journey']} s."


def invitation(endpoints: Endpoints) -> str:
    """Where to look around."""
    return f"Mails: {endpoints.mail_catcher_url}\nPages: {endpoints.pages_url} (by the links in the mails)\nCtrl-C ends it."


def following(var: Path) -> str:
    """What one can do next."""
    return (
        f"Read the mails: {var}/mail/*.html, in any browser.\n"
        "Live pages behind their links: make demo KEEP=1\n"
        "The house for your own input: make up"
    )
