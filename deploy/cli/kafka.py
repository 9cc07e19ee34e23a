"""`tandem kafka`: the topics, as `deploy/provision/topology.toml` declares them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from deploy.provision.topology import Step

app = typer.Typer(no_args_is_help=True, help="Kafka: topics, partitions, settings.")
COLOURS = {"create": "green", "grow": "yellow", "settings": "yellow", "refused": "red", "extra": "dim", "same": "dim"}


@app.command()
def plan() -> None:
    """Show what apply would do, without changing anything. Exits with 1 if a step would be refused."""
    import asyncio

    from deploy.provision import topology
    from deploy.stack import current_stack

    steps = asyncio.run(topology.plan(current_stack.endpoints().kafka))
    _print(steps)
    if any(step.action == "refused" for step in steps):
        raise typer.Exit(1)


@app.command()
def apply() -> None:
    """Bring the topics to the declared state, and store their ids and partitions for the services."""
    import asyncio

    from deploy.provision import topology
    from deploy.stack import current_stack

    endpoints = current_stack.endpoints()
    _print(asyncio.run(topology.apply(endpoints.kafka, endpoints.database)))


def _print(steps: Iterable["Step"]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("Topic", "Step", "Detail", box=None)
    for step in steps:
        table.add_row(step.topic, f"[{COLOURS[step.action]}]{step.action}", step.detail)
    Console().print(table)
