"""What runs and what waits, as tables for the terminal."""

import os
from pathlib import Path

import asyncpg
from rich.table import Table

from deploy.endpoints import SERVICES, Endpoints

QUERIES = Path(__file__).parent / "status.sql"


def reached(endpoints: Endpoints) -> Table:
    """Where each door is."""
    table = Table(box=None, show_header=False)
    for name, place in {
        "Mails": endpoints.mailbox_url,
        "Pages": f"{endpoints.pages_url} (by the links in the mails)",
        "Kafka": endpoints.kafka,
        "PostgreSQL": endpoints.database.rpartition("@")[2],
        "Logs": str(endpoints.var / "log"),
    }.items():
        table.add_row(name, place)
    return table


def processes(var: Path) -> Table:
    """Each process with its id, or that it has ended."""
    table = Table("Process", "Id", box=None)
    for file in sorted((var / "run").glob("*.pid")):
        pid = int(file.read_text())
        table.add_row(file.stem, str(pid) if lives(pid) else f"[red]ended: see {var}/log/{file.stem}.log")
    return table


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def waiting(endpoints: Endpoints) -> Table:
    """Per service what each query of `status.sql` counts; a dash where the service has no such table."""
    queries = named(QUERIES.read_text())
    table = Table("Service", *queries, box=None)
    connection = await asyncpg.connect(endpoints.database, timeout=5)
    try:
        for service in SERVICES:
            await connection.execute("SELECT set_config('search_path', $1, false)", service)
            table.add_row(service, *[await count(connection, query) for query in queries.values()])
    finally:
        await connection.close()
    return table


async def count(connection: asyncpg.Connection, query: str) -> str:
    try:
        return str(await connection.fetchval(query))
    except asyncpg.UndefinedTableError:
        return "–"


def named(sql: str) -> dict[str, str]:
    """The statements by the title on their `-- title: purpose` line."""
    pieces = (piece.partition(":") for piece in sql.split("-- ")[1:])
    return {title.strip(): rest.partition("\n")[2].strip().rstrip(";") for title, _, rest in pieces}
