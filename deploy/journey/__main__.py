"""Plays the journey in a house that runs already: `python -m deploy.journey [REPORT]`, as Compose does."""

import sys
import time
from pathlib import Path

from rich.console import Console

from deploy import entry, running
from deploy.journey import play
from deploy.terminal import Terminal
from deploy.trouble import Trouble


async def main(file: Path | None) -> None:
    console, since = Console(), time.monotonic()
    with Terminal(console) as progress:
        played = await play(running.endpoints(), progress)
    seconds = {"journey": round(time.monotonic() - since, 1)}
    played.print(console)
    if file:
        played.write(file, seconds)
    console.print(f"Journey {seconds['journey']} s.", highlight=False)


if __name__ == "__main__":
    try:
        entry.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
    except Trouble as trouble:
        sys.exit(str(trouble))
