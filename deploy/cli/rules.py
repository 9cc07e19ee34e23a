"""`tandem rules`: which rows of the programme's checklist a test shows, and which none does yet."""

import typer


def rules() -> None:
    """List the rows of tests/requirements.toml that no test shows yet; exits with 1 when a test names a row that does not exist."""
    from rich.console import Console
    from rich.table import Table

    from tools import requirement_coverage

    rows, shown = requirement_coverage.rows(), requirement_coverage.shown()
    table = Table("Row", "Kind", "Service", "What", box=None)
    for code in sorted(rows.keys() - shown):
        table.add_row(code, rows[code].kind, rows[code].service, rows[code].text)
    console = Console()
    console.print(table)
    console.print(f"{len(rows.keys() & shown)} of {len(rows)} rows have a test, {len(rows.keys() - shown)} have none yet.")
    if unknown := sorted(shown - rows.keys()):
        console.print(f"[red]Tests name rows that do not exist: {', '.join(unknown)}")
        raise typer.Exit(1)
