"""`tandem demo`: the whole journey, from nothing to the timeline."""

from pathlib import Path
from typing import Annotated

import typer


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave it running, with its mailbox, until Ctrl-C.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write every message and mail, and the seconds, as JSON.")] = None,
    since: Annotated[float | None, typer.Option(hidden=True, help="When set-up began, in seconds of the epoch.")] = None,
) -> None:
    """Start everything in `var`, play a tandem's journey, tell what happened, stop everything."""
    import time

    from deploy.demo import run
    from deploy.stack import async_main
    from deploy.stack.current_stack import VAR
    from deploy.stack.instance_lock import instance_lock

    with instance_lock(VAR, VAR):
        async_main.run(run.show(VAR, since or time.time(), report, keep))
