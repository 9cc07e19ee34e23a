"""`tandem up`, `down`, `status`: the stack and the services in the background, for one's own input."""

import typer

NEXT = """
Go on with `tandem contract example organisation-submitted | tandem contract send` and look at the mails' page;
`tandem clock to` brings a later day, `tandem status` shows this again, `tandem down` ends it. (`tandem` is .venv/bin/tandem.)"""


def up() -> None:
    """Start the stack and the services in the background; data stay in `var/up`. What ends by itself is started again."""
    from rich.console import Console

    from deploy.stack import background
    from deploy.stack.terminal_progress import Terminal

    with Terminal(Console()) as progress:
        background.start(progress)
    status()
    typer.echo(NEXT)


def down() -> None:
    """End what runs in this folder: `tandem up`, or a demo. Data stay."""
    from deploy.stack.current_stack import VAR
    from deploy.stack.instance_lock import stop_holder

    typer.echo("Everything has ended." if stop_holder(VAR) else "Nothing ran.")


def status() -> None:
    """Tell what runs, where it is reached, and what waits in each service.

    To publish: messages that the relay has not sent yet. Parked: put aside, with what waits behind it (`tandem parked list`).
    Timers: what is due later, the next on that day. Mails to go, mails failed: a failed one will not arrive, so a person must look.
    To read: records on the bus that were not handled yet.
    """
    import asyncio

    from rich.console import Console

    from deploy.operations import status
    from deploy.stack import current_stack, process_status

    if (endpoints := current_stack.found()) is None:
        typer.echo(current_stack.nothing(current_stack.VAR))
        return
    console = Console(highlight=False)
    console.print(status.heading(endpoints))
    console.print(status.reached(endpoints))
    if (processes := process_status.processes(endpoints.var)).row_count:
        console.print(processes)
    counts = asyncio.run(status.counted(endpoints))
    console.print(status.waiting(counts))
    for hint in status.hints(counts):
        console.print(hint)
