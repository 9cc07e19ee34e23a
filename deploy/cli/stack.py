"""`tandem up`, `down`, `status`: the stack and the services in the background, for one's own input."""

import typer


def up() -> None:
    """Start the stack and the services in the background; data stay in `var/up`."""
    from rich.console import Console

    from deploy import background
    from deploy.terminal import Terminal

    with Terminal(Console()) as progress:
        background.start(progress)
    status()


def down() -> None:
    """End what runs in this folder: `tandem up`, or a demo. Data stay."""
    from deploy.occupancy import evict
    from deploy.running import VAR

    typer.echo("Everything has ended." if evict(VAR) else "Nothing ran.")


def status() -> None:
    """Tell what runs, where it is reached, and what waits in each service."""
    import asyncio

    from rich.console import Console

    from deploy import running, status

    endpoints = running.endpoints()
    console = Console()
    console.print(status.reached(endpoints), status.processes(endpoints.var))
    console.print(asyncio.run(status.waiting(endpoints)))
