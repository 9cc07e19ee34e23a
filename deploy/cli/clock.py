"""`tandem clock`: the development clock of the running stack."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Move the clock of a development stack.")


@app.command()
def to(
    moment: Annotated[str, typer.Argument(metavar="MOMENT", help='Local time, such as "2027-02-12 10:00".')],
    back: Annotated[bool, typer.Option("--back", help="Allow a time before the stack's current one.")] = False,
) -> None:
    """Set the services' time to MOMENT; time continues from there.

    A date alone means 09:00. A local time that does not exist because clocks go forward is moved forward.
    The clock can be set at most five years from the real time.

    Of several reminders of one evaluation that fall due at once, only the last is sent.
    """
    from deploy.operations import dev_clock

    dev_clock.set_to(_file(), dev_clock.parse(moment, _zone()), back=back)
    show()


@app.command()
def show() -> None:
    """Print the services' time."""
    from zoneinfo import ZoneInfo

    from deploy.operations import dev_clock

    file = _file()
    now = dev_clock.stack_now(file).astimezone(ZoneInfo(_zone()))
    typer.echo(f"{now:%Y-%m-%d %H:%M} in {_zone()}, {dev_clock.offset(file) / dev_clock.DAY:.2f} days ahead")


@app.command()
def reset() -> None:
    """Return the services to the real time."""
    from deploy.operations import dev_clock

    dev_clock.write(_file(), timedelta())
    show()


def _file() -> Path:
    """The clock file of the current stack. Raises UserError if it is not on this machine."""
    from deploy.operations import dev_clock
    from deploy.stack import current_stack

    file = current_stack.endpoints().clock
    dev_clock.require_folder(file)
    return file


def _zone() -> str:
    """The programme's time zone."""
    from deploy.stack.endpoints import POLICY
    from shared.programme import policy

    return policy.load_policy(POLICY).zone
