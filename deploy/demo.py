"""The demo: opens the house, plays the journey in it, tells what happened and how long it took."""

import shutil
import time
from contextlib import AsyncExitStack
from pathlib import Path

from rich.console import Console

from deploy import journey
from deploy.embedded import jars
from deploy.endpoints import Endpoints
from deploy.house import house
from deploy.terminal import Terminal


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
    """The whole demo in `var`; set-up is counted from `since`, in seconds of the epoch."""
    forget_last_time(var)
    console, watch = Console(), Stopwatch(since)
    async with AsyncExitStack() as stopping:
        with Terminal(console) as progress:
            await jars.fetch(progress)
            watch.lap("set_up")
            opened = await stopping.enter_async_context(house(var, progress))
            watch.lap("start")
            played = await opened.processes.while_alive(journey.play(opened.endpoints, progress))
            watch.lap("journey")
        played.print(console)
        if report:
            played.write(report, watch.seconds)
        console.print(spoken(watch.seconds), highlight=False)
        if keep:
            console.print(invitation(opened.endpoints), highlight=False)
            await opened.processes.watch()


def forget_last_time(var: Path) -> None:
    """The story starts from nothing; what `tandem up` keeps in `var/up` stays."""
    for folder in ("kafka", "postgres", "mail", "log", "run"):
        shutil.rmtree(var / folder, ignore_errors=True)
    (var / "clock").unlink(missing_ok=True)


def spoken(seconds: dict[str, float]) -> str:
    return f"Set-up {seconds['set_up']} s, start {seconds['start']} s, journey {seconds['journey']} s."


def invitation(endpoints: Endpoints) -> str:
    """Where to look around."""
    return f"Mails: {endpoints.mailbox_url}\nPages: {endpoints.pages_url} (by the links in the mails)\nCtrl-C ends it."
