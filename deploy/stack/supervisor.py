"""Keeps the house open in the background: `python -m deploy.stack.supervisor`, started by `tandem up`, ended by `tandem down`."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.errors import UserError
from deploy.operations import dev_clock
from deploy.stack.async_main import run
from deploy.stack.current_stack import OWN, VAR
from deploy.stack.instance_lock import instance_lock
from deploy.stack.running_stack import running_stack

READY = "ready"


class ProgressFile:
    """Progress as a file that `tandem up` reads."""

    def __init__(self, file: Path) -> None:
        self.file = file

    @contextmanager
    def step(self, text: str, total: int | None = None) -> Iterator[Callable[[], None]]:
        self.say(text)
        yield lambda: None

    def say(self, text: str) -> None:
        self.file.write_text(text)


async def main() -> None:
    stage = ProgressFile(OWN / "stage")
    with instance_lock(VAR, OWN):
        async with running_stack(OWN, stage) as open_house:
            stage.say(READY)
            await open_house.kept(asyncio.Event().wait(), note)


def note(text: str) -> None:
    """A line of the supervisor's log."""
    print(f"{dev_clock.real_now():%Y-%m-%d %H:%M:%S} UTC {text}", flush=True)


if __name__ == "__main__":
    try:
        run(main())
    except UserError as trouble:
        sys.exit(str(trouble))
