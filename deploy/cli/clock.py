"""`tandem clock`: what the running stack takes for now."""

from datetime import timedelta
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Move the clock of a development stack.")


@app.command()
def to(
    moment: Annotated[str, typer.Argument(help='Local time, such as "2027-02-12 10:00".')],
    back: Annotated[bool, typer.Option("--back", help="Allow a moment before the one shown now.")] = False,
) -> None:
    """Let the services take MOMENT for now; time goes on from there.

    A date alone means nine in the morning. A local time that does not exist, as clocks go forward, moves forward with them.
    At most five years from the real time. Of a chain of reminders that lie between, only the last is sent.
    """
    from deploy import moving, running

    moving.move(running.endpoints().clock, moving.parse(moment, zone()), back=back)
    show()


@app.command()
def show() -> None:
    """Print what the services take for now."""
    from zoneinfo import ZoneInfo

    from deploy import moving, running

    file = running.endpoints().clock
    now = moving.shown(file).astimezone(ZoneInfo(zone()))
    typer.echo(f"{now:%Y-%m-%d %H:%M} in {zone()}, {moving.ahead(file) / moving.DAY:.2f} days ahead")


@app.command()
def reset() -> None:
    """Let the services take the real time for now."""
    from deploy import moving, running

    moving.write(running.endpoints().clock, timedelta())
    show()


def zone() -> str:
    """The programme's zone."""
    from deploy.endpoints import POLICY
    from shared import policy

    return policy.read(POLICY).zone
