"""Keeps the house open in the background: `python -m deploy.supervisor`, started by `tandem up`, ended by `tandem down`."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy import moving
from deploy.entry import run
from deploy.house import house
from deploy.occupancy import occupied
from deploy.running import OWN, VAR
from deploy.trouble import Trouble

READY = "ready"


class Stage:
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
    stage = Stage(OWN / "stage")
    with occupied(VAR, OWN):
        async with house(OWN, stage) as open_house:
            stage.say(READY)
            await open_house.kept(asyncio.Event().wait(), note)


def note(text: str) -> None:
    """A line of the supervisor's log."""
    print(f"{moving.real():%Y-%m-%d %H:%M:%S} UTC {text}", flush=True)


if __name__ == "__main__":
    try:
        run(main())
    except Trouble as trouble:
        sys.exit(str(trouble))
