"""`tandem up`, `down`, `status`: the stack and the services in the background, for your own input."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from deploy.stack.status import ProcessStatus

EXIT_NOTHING_RUNS = 3
"""As `systemctl status` and the LSB define it: not running."""
NEXT_STEPS = """
Continue with `tandem contract example organisation-submitted | tandem contract send`, and open the address of the emails.
`tandem clock to` moves to a later day, `tandem status` prints this again, `tandem down` stops everything.
(`tandem` is .venv/bin/tandem.)"""


def up() -> None:
    """Start the stack and the services in the background, with data in `var/up`. Services that exit are restarted.

    If they run already, only show their status.
    """
    from rich.console import Console

    from deploy.stack import daemon
    from deploy.stack.current_stack import require_local
    from deploy.stack.progress import TerminalProgress

    require_local("up")
    with TerminalProgress(Console()) as progress:
        daemon.start(progress)
    status()
    typer.echo(NEXT_STEPS)


def down() -> None:
    """Stop the stack of this checkout: `tandem up` or a demo. Its data stay."""
    from deploy.stack.current_stack import VAR, require_local
    from deploy.stack.instance_lock import stop_holder

    require_local("down")
    typer.echo("Everything has stopped." if stop_holder(VAR) else f"Nothing was running in {VAR}.")


def status(
    all: Annotated[bool, typer.Option("--all", help="Also processes without a remark, and counts that are all zero.")] = False,
) -> None:
    """Show the addresses of the stack, its processes, and the backlog of each service.

    Outbox backlog: messages that the relay has not published yet.

    Dead letters: messages that could not be processed, and those that they block (`tandem dead-letters list`).

    Timers: pending timers, and the day of the next one.

    Emails queued, emails failed: a failed email will not arrive, so a person must look.

    Consumer lag: records in Kafka that were not processed yet.

    Exits with 3 if nothing runs.
    """
    from deploy.stack import current_stack

    if (endpoints := current_stack.find()) is None:
        typer.echo(current_stack.describe_absence(current_stack.VAR))
        raise typer.Exit(EXIT_NOTHING_RUNS)

    import asyncio

    from rich.console import Console

    from deploy.operations import backlog
    from deploy.stack import status

    console = Console(highlight=False)
    console.print(status.heading(endpoints))
    console.print(status.addresses_table(endpoints))
    if not current_stack.is_external():
        _print_processes(console, status.processes(endpoints.var), all)
    counts = asyncio.run(backlog.fetch(endpoints))
    table = backlog.table(counts, zeros=all)
    console.print(table if table.row_count else "Nothing is waiting, and there is no dead letter.")
    for hint in backlog.hints(counts):
        console.print(hint)


def _print_processes(console: "Console", processes: "Sequence[ProcessStatus]", all: bool) -> None:
    from deploy.stack.status import processes_table

    if listed := [process for process in processes if all or process.remark]:
        console.print(processes_table(listed))
    if unlisted := len(processes) - len(listed):
        console.print(f"{'All' if not listed else 'The other'} {unlisted} processes are well.")
