"""The command line `tandem`: what a newcomer, an operator and a developer of a partner system do with the house."""

from typing import Any

import typer
from typer.core import TyperGroup

from deploy.cli import clock, contract, db, dead_letters, demo, kafka, rules, simulate, stack
from deploy.cli.errors import user_message


class FriendlyErrors(TyperGroup):
    """Says what a person can mend in one sentence, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            if (said := user_message(error)) is None:
                raise
            typer.echo(said, err=True)
        raise typer.Exit(1)


app = typer.Typer(cls=FriendlyErrors, no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)
app.command()(demo.demo)
app.command()(stack.up)
app.command()(stack.down)
app.command()(stack.status)
app.add_typer(clock.app, name="clock")
app.command()(rules.rules)
app.command()(simulate.simulate)
app.add_typer(contract.app, name="contract")
app.add_typer(db.app, name="db")
app.add_typer(kafka.app, name="kafka")
app.add_typer(dead_letters.app, name="parked")
