"""Plays the journey in a stack that is already running: `python -m deploy.demo [REPORT]`, as Compose does."""

import sys
import time
from pathlib import Path

from rich.console import Console

from deploy import async_tools
from deploy.demo.journey import run_journey
from deploy.error_messages import exit_with_message
from deploy.stack import current_stack
from deploy.stack.progress import TerminalProgress


async def main(report_file: Path | None) -> None:
    console, started = Console(), time.monotonic()
    with TerminalProgress(console) as progress:
        report = await run_journey(current_stack.endpoints(), progress)
    seconds = {"journey": round(time.monotonic() - started, 1)}
    report.print(console)
    if report_file:
        report.write(report_file, seconds)
    console.print(f"Journey {seconds['journey']} s.", highlight=False)


if __name__ == "__main__":
    with exit_with_message():
        async_tools.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
