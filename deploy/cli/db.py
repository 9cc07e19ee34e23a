"""`tandem db`: the schemas of the services and their migrations."""

import typer

app = typer.Typer(no_args_is_help=True, help="The database: roles, schemas, migrations.")


@app.command()
def migrate() -> None:
    """Create roles and schemas, and apply all pending migrations."""
    import asyncio

    from deploy.provision import migrations
    from deploy.stack import current_stack

    endpoints = current_stack.endpoints()
    applied = asyncio.run(migrations.migrate(endpoints.database, endpoints.passwords))
    for row in applied:
        typer.echo(f"applied {row.source}/{row.name} to {row.schema}")
    if not applied:
        typer.echo("No pending migrations: every schema is up to date.")


@app.command()
def status() -> None:
    """List the migrations of every schema, applied or pending. Exits with 1 if one is pending."""
    import asyncio

    from rich.console import Console
    from rich.table import Table

    from deploy.provision import migrations
    from deploy.stack import current_stack

    rows = asyncio.run(migrations.status(current_stack.endpoints().database))
    table = Table("Schema", "Migration", "Applied", box=None)
    for row in rows:
        applied = f"{row.applied_at:%Y-%m-%d %H:%M:%S} UTC" if row.applied_at else "[red]pending"
        table.add_row(row.schema, f"{row.source}/{row.name}", applied)
    Console().print(table)
    if any(row.applied_at is None for row in rows):
        raise typer.Exit(1)
