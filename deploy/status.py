"""What runs and what waits, as tables for the terminal."""

import os
from pathlib import Path

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from rich.table import Table

from deploy.endpoints import SERVICES, Endpoints
from shared.sql import queries

COUNTS = ("outbox", "parked", "timers", "next_due", "letters", "failed")
SQL = queries(__file__, "status.sql")
UNKNOWN = "–"


def reached(endpoints: Endpoints) -> Table:
    """Where each door is."""
    table = Table(box=None, show_header=False)
    table.add_row("Mails", endpoints.mailbox_url)
    table.add_row("Pages", f"{endpoints.pages_url} (by the links in the mails)")
    table.add_row("Kafka", endpoints.kafka)
    table.add_row("PostgreSQL", endpoints.database.rpartition("@")[2])
    table.add_row("Logs", str(endpoints.var / "log"))
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
    """What waits in each service; a dash where it has no such table."""
    table = Table("Service", *(name.replace("_", " ") for name in COUNTS), "lag", box=None)
    connection = await asyncpg.connect(endpoints.database, timeout=5)
    try:
        for service in SERVICES:
            await connection.execute("SELECT set_config('search_path', $1, false)", service)
            counts = [await count(connection, name) for name in COUNTS]
            table.add_row(service, *counts, await lag(connection, endpoints.kafka))
    finally:
        await connection.close()
    return table


async def count(connection: asyncpg.Connection, name: str) -> str:
    try:
        found = await connection.fetchval(SQL[name])
    except asyncpg.UndefinedTableError:
        return UNKNOWN
    return UNKNOWN if found is None else str(found)


async def lag(connection: asyncpg.Connection, kafka: str) -> str:
    """How many records lie behind the positions of the partitions that the service has handled."""
    try:
        rows = await connection.fetch(SQL["lag"])
    except asyncpg.UndefinedTableError:
        return UNKNOWN
    positions = {TopicPartition(row["topic"], row["part"]): row["next"] for row in rows}
    async with AIOKafkaConsumer(bootstrap_servers=kafka) as consumer:
        ends = await consumer.end_offsets(list(positions))
    return str(sum(ends[partition] - positions[partition] for partition in positions))
