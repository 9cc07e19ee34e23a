"""`tandem kafka`: the topics of the bus, as `deploy/provision/topology.toml` declares them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from deploy.provision.topology import Step

app = typer.Typer(no_args_is_help=True, help="The bus: topics, partitions, settings.")
COLOURS = {"create": "green", "grow": "yellow", "settings": "yellow", "refused": "red", "extra": "dim", "same": "dim"}


@app.command()
def plan() -> None:
    """Show what apply would do; changes nothing. Exits with 1 when a step would be refused."""
    import asyncio

    from deploy.provision import topology
    from deploy.stack import current_stack

    steps = asyncio.run(topology.plan(current_stack.endpoints().kafka))
    show(steps)
    if any(step.action == "refused" for step in steps):
        raise typer.Exit(1)


@app.command()
def apply() -> None:
    """Make the bus as the file says, and tell the services what it is."""
    import asyncio

    from deploy.provision import topology
    from deploy.stack import current_stack

    here = current_stack.endpoints()
    show(asyncio.run(topology.apply(here.kafka, here.database)))


def show(steps: Iterable["Step"]) -> None:
    """The steps as a table."""
    from rich.console import Console
    from rich.table import Table

    table = Table("Topic", "Step", "What", box=None)
    for step in steps:
        table.add_row(step.topic, f"[{COLOURS[step.action]}]{step.action}", step.detail)
    Console().print(table)
