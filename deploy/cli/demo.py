"""`tandem demo`: a complete journey on a stack of its own."""

from pathlib import Path
from typing import Annotated

import typer


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the stack running until Ctrl-C.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write every message and email, and the durations, as JSON.")] = None,
    since: Annotated[float | None, typer.Option(hidden=True, help="Start of the set-up, in seconds since the epoch.")] = None,
) -> None:
    """Start a stack in `var`, play the journey of a tandem, print its timeline, stop everything."""
    import time

    from deploy import async_tools
    from deploy.demo import run
    from deploy.stack.current_stack import VAR, require_local
    from deploy.stack.instance_lock import instance_lock

    require_local("demo")
    with instance_lock(VAR, VAR):
        async_tools.run(run.run_demo(VAR, since or time.time(), report, keep))
