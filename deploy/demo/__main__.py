"""Entry point that plays the journey in a stack that is already running: `python -m deploy.demo [REPORT]`, as Compose does."""

import sys
import time
from pathlib import Path

from rich.console import Console

from deploy import async_tools
from deploy.demo.journey import run_journey
from deploy.error_messages import exit_with_message
from deploy.operations import dev_clock
from deploy.stack import current_stack
from deploy.stack.endpoints import Endpoints
from deploy.stack.progress import TerminalProgress


async def main(report_file: Path | None) -> None:
    console, started, endpoints = Console(), time.monotonic(), current_stack.endpoints_with_people()
    dev_clock.require_folder(endpoints.clock)
    with TerminalProgress(console) as progress:
        report = await run_journey(endpoints, progress)
    seconds = {"journey": round(time.monotonic() - started, 1)}
    report.print(console)
    if report_file:
        report.write(report_file, seconds)
    console.print(f"\nJourney {seconds['journey']} s.\n{what_remains(endpoints)}", highlight=False, soft_wrap=True)


def what_remains(endpoints: Endpoints) -> str:
    """Where the emails are, and the clock that stays ahead."""
    date = dev_clock.stack_now(endpoints.clock).date()
    return (
        f"Emails: {endpoints.emails}\n"
        f"The stack's clock stays ahead, at {date}: `tandem clock reset` sets it back "
        "(with Compose: `docker compose run --rm demo tandem clock reset`)."
    )


if __name__ == "__main__":
    with exit_with_message():
        async_tools.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
