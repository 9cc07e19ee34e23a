"""The command line `tandem`: run a stack, operate it, and develop a partner's system against it."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from deploy.cli import clock, contract, db, dead_letters, demo, kafka, simulate, stack
from deploy.error_messages import user_message


class FriendlyErrors(TyperGroup):
    """A command group that prints an error that the user can fix as one sentence, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            if (message := user_message(error)) is None:
                raise
            typer.echo(message, err=True)
        raise typer.Exit(1)


def print_version(wanted: bool) -> None:
    """Print the version that `pyproject.toml` declares, and end."""
    if wanted:
        import tomllib

        from deploy.stack.current_stack import ROOT

        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        typer.echo(f"{project['name']} {project['version']}")
        raise typer.Exit


app = typer.Typer(
    cls=FriendlyErrors,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help, in half the time
    pretty_exceptions_enable=False,
    help=__doc__,
)


@app.callback()
def main(
    version: Annotated[bool, typer.Option("--version", is_eager=True, callback=print_version, help="Print the version.")] = False,
) -> None:
    pass


app.command()(demo.demo)
app.command()(stack.up)
app.command()(stack.down)
app.command()(stack.status)
app.add_typer(clock.app, name="clock")
app.command()(simulate.simulate)
app.add_typer(contract.app, name="contract")
app.add_typer(db.app, name="db")
app.add_typer(kafka.app, name="kafka")
app.add_typer(dead_letters.app, name="dead-letters")
