"""`tandem db`: the schemas of the services, brought up to date and looked at."""

import typer

app = typer.Typer(no_args_is_help=True, help="The database: roles, schemas, migrations.")


@app.command()
def migrate() -> None:
    """Make roles and schemas and apply every migration that waits."""
    import asyncio

    from deploy.provision import migrations
    from deploy.stack import current_stack

    here = current_stack.endpoints()
    applied = asyncio.run(migrations.migrate(here.database, here.passwords))
    for row in applied:
        typer.echo(f"applied {row.source}/{row.name} to {row.schema}")
    if not applied:
        typer.echo("Nothing waited: every schema is up to date.")


@app.command()
def status() -> None:
    """List every migration of every schema, applied or waiting; exits with 1 when one waits."""
    import asyncio

    from rich.console import Console
    from rich.table import Table

    from deploy.provision import migrations
    from deploy.stack import current_stack

    rows = asyncio.run(migrations.status(current_stack.endpoints().database))
    table = Table("Schema", "Migration", "Applied", box=None)
    for row in rows:
        table.add_row(row.schema, f"{row.source}/{row.name}", f"{row.at:%Y-%m-%d %H:%M:%S} UTC" if row.at else "[red]waits")
    Console().print(table)
    if any(row.at is None for row in rows):
        raise typer.Exit(1)
