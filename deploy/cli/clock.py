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
    from deploy.operations import dev_clock
    from deploy.stack import current_stack

    dev_clock.set_to(current_stack.endpoints().clock, dev_clock.parse(moment, zone()), back=back)
    show()


@app.command()
def show() -> None:
    """Print what the services take for now."""
    from zoneinfo import ZoneInfo

    from deploy.operations import dev_clock
    from deploy.stack import current_stack

    file = current_stack.endpoints().clock
    now = dev_clock.stack_now(file).astimezone(ZoneInfo(zone()))
    typer.echo(f"{now:%Y-%m-%d %H:%M} in {zone()}, {dev_clock.offset(file) / dev_clock.DAY:.2f} days ahead")


@app.command()
def reset() -> None:
    """Let the services take the real time for now."""
    from deploy.operations import dev_clock
    from deploy.stack import current_stack

    dev_clock.write(current_stack.endpoints().clock, timedelta())
    show()


def zone() -> str:
    """The programme's zone."""
    from deploy.stack.endpoints import POLICY
    from shared.programme import policy

    return policy.load_policy(POLICY).zone
