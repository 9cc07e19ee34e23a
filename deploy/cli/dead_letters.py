"""`tandem parked`: what could not be handled, to look at, to try again, to give up."""

import asyncio
from enum import StrEnum
from typing import Annotated, Any

import typer

from deploy.stack.endpoints import SERVICES

app = typer.Typer(no_args_is_help=True, help="Messages put aside: list, show, replay, discard.")
Service = StrEnum("Service", [(name, name) for name in SERVICES])  # type: ignore[misc]
Of = Annotated[Service, typer.Argument(help="the service that parked it")]
Number = Annotated[int, typer.Argument(help="its number in the list")]


@app.command("list")
def list_() -> None:
    """List all that is parked, in order, with what it waits for."""
    from rich.console import Console
    from rich.table import Table

    from deploy.operations import dead_letters
    from deploy.stack import current_stack

    table = Table("Service", "Number", "Kind", "About", "Error", "Since", box=None)
    for service in SERVICES:
        rows = asyncio.run(dead_letters.listed(current_stack.endpoints().database, service))
        waits = dead_letters.before(rows)
        for row in rows:
            about, since = (row["keys"] or ["?"])[0], f"{row['created_at']:%Y-%m-%d %H:%M:%S} UTC"
            table.add_row(service, str(row["id"]), row["kind"] or "?", about, _why(row, waits[row["id"]]), since)
    if table.row_count:
        Console().print(table)
    else:
        typer.echo("Nothing is parked.")


def _why(row: Any, waits: int | None) -> str:
    if row["status"] == "blocked":
        return f"waits behind {waits}" if waits else "goes on"
    return f"{row['error']}: {row['detail']}" + (" (is tried again)" if row["status"] == "replay_requested" else "")


@app.command()
def show(
    service: Of, number: Number, value: Annotated[bool, typer.Option(help="also what it holds; may be personal")] = False
) -> None:
    """Show one parked message: where it stood, what is wrong with it."""
    from deploy.operations import dead_letters
    from deploy.stack import current_stack

    row = asyncio.run(dead_letters.shown(current_stack.endpoints().database, service.value, number))
    for name, what in row.items():
        if name != "value":
            typer.echo(f"{name:>10}  {what}")
    if value:
        typer.echo(f"     value  {(row['value'] or b'').decode(errors='backslashreplace')}")


@app.command()
def replay(service: Of, numbers: Annotated[list[int] | None, typer.Argument(help="none: all of this service")] = None) -> None:
    """Try parked messages again, once their cause is mended; what stands behind them follows in order."""
    from deploy.operations import dead_letters
    from deploy.stack import current_stack

    url = current_stack.endpoints().database
    wanted = numbers or [row["id"] for row in asyncio.run(dead_letters.listed(url, service.value))]
    asked = asyncio.run(dead_letters.replay(url, service.value, wanted))
    typer.echo(f"Asked {service} to try {', '.join(map(str, asked))} again." if asked else "None of these waits to be asked.")


@app.command()
def discard(service: Of, number: Number, yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False) -> None:
    """Give one parked message up for good; what stands behind it goes on."""
    from deploy.operations import dead_letters
    from deploy.stack import current_stack

    url = current_stack.endpoints().database
    row = asyncio.run(dead_letters.shown(url, service.value, number))
    behind = sum(waits == number for waits in dead_letters.before(asyncio.run(dead_letters.listed(url, service.value))).values())
    what = f"{row['kind'] or 'an unreadable record'} about {', '.join(row['keys'] or ['?'])}"
    typer.echo(f"This loses {what} for good; {behind} behind it go on.")
    if not (yes or typer.confirm("Give it up?")):
        raise typer.Abort
    asyncio.run(dead_letters.discard(url, service.value, number))
    typer.echo("Given up.")
