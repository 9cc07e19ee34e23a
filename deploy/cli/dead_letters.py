"""`tandem dead-letters`: list, show, replay and discard messages that could not be processed."""

import asyncio
from enum import StrEnum
from typing import Annotated, Any

import typer

from deploy.stack.endpoints import SERVICES

app = typer.Typer(no_args_is_help=True, help="Messages that could not be processed: list, show, replay, discard.")
ServiceName = StrEnum("ServiceName", [(name, name) for name in SERVICES])  # type: ignore[misc]
Service = Annotated[ServiceName, typer.Argument(help="the service that stored it")]
Number = Annotated[int, typer.Argument(help="its number in the list")]


@app.command("list")
def list_() -> None:
    """List all dead letters, in order, with their error or the message that blocks them."""
    from rich.console import Console
    from rich.table import Table

    from deploy.operations import dead_letters
    from deploy.stack import current_stack

    table = Table("Service", "Number", "Kind", "Subject", "Error", "Since", box=None)
    for service in SERVICES:
        rows = asyncio.run(dead_letters.fetch_all(current_stack.endpoints().database, service))
        blockers = dead_letters.blocked_by(rows)
        for row in rows:
            subject, since = (row["keys"] or ["?"])[0], f"{row['created_at']:%Y-%m-%d %H:%M:%S} UTC"
            reason = _reason(row, blockers[row["id"]])
            table.add_row(service, str(row["id"]), row["kind"] or "?", subject, reason, since)
    if table.row_count:
        Console().print(table)
    else:
        typer.echo("No dead letters.")


def _reason(row: Any, blocker: int | None) -> str:
    if row["status"] == "blocked":
        return f"blocked by {blocker}" if blocker else "about to be replayed"
    return f"{row['error']}: {row['detail']}" + (" (replay requested)" if row["status"] == "replay_requested" else "")


@app.command()
def show(
    service: Service,
    number: Number,
    value: Annotated[bool, typer.Option(help="also print its value, which may hold personal data")] = False,
) -> None:
    """Show one dead letter: its topic, partition, offset, keys and error."""
    from deploy.operations import dead_letters
    from deploy.stack import current_stack

    row = asyncio.run(dead_letters.get(current_stack.endpoints().database, service.value, number))
    for column, content in row.items():
        if column != "value":
            typer.echo(f"{column:>13}  {content}")
    if value:
        typer.echo(f"{'value':>13}  {(row['value'] or b'').decode(errors='backslashreplace')}")


@app.command()
def replay(
    service: Service, numbers: Annotated[list[int] | None, typer.Argument(help="default: all of this service")] = None
) -> None:
    """Process failed messages again once their cause is fixed; the messages that they block follow in order."""
    from deploy.operations import dead_letters
    from deploy.stack import current_stack

    url = current_stack.endpoints().database
    wanted = numbers or [row["id"] for row in asyncio.run(dead_letters.fetch_all(url, service.value))]
    requested = asyncio.run(dead_letters.replay(url, service.value, wanted))
    numbered = ", ".join(map(str, requested))
    typer.echo(f"Requested a replay of {numbered} in {service}." if requested else "There is no failed message to replay.")


@app.command()
def discard(service: Service, number: Number, yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False) -> None:
    """Delete one dead letter; the messages that it blocks are then processed."""
    from deploy.operations import dead_letters
    from deploy.stack import current_stack

    url = current_stack.endpoints().database
    row = asyncio.run(dead_letters.get(url, service.value, number))
    blockers = dead_letters.blocked_by(asyncio.run(dead_letters.fetch_all(url, service.value)))
    blocked = sum(blocker == number for blocker in blockers.values())
    message = f"{row['kind'] or 'an undecodable record'} about {', '.join(row['keys'] or ['?'])}"
    typer.echo(f"This deletes {message}; messages unblocked by that: {blocked}.")
    if not (yes or typer.confirm("Discard it?")):
        raise typer.Abort
    asyncio.run(dead_letters.discard(url, service.value, number))
    typer.echo("Discarded.")
