"""Plays the journey in a house that runs already: `python -m deploy.demo [REPORT]`, as Compose does."""

import sys
import time
from pathlib import Path

from rich.console import Console

from deploy import async_tools
from deploy.demo import play
from deploy.errors import UserError
from deploy.stack import current_stack
from deploy.stack.progress import TerminalProgress


async def main(file: Path | None) -> None:
    console, since = Console(), time.monotonic()
    with TerminalProgress(console) as progress:
        played = await play(current_stack.endpoints(), progress)
    seconds = {"journey": round(time.monotonic() - since, 1)}
    played.print(console)
    if file:
        played.write(file, seconds)
    console.print(f"Journey {seconds['journey']} s.", highlight=False)


if __name__ == "__main__":
    try:
        async_tools.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
    except UserError as trouble:
        sys.exit(str(trouble))
