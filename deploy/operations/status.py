"""What runs and what waits, as tables for the terminal."""

import os
from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from rich.table import Table

from deploy.operations import dev_clock
from deploy.stack.current_stack import STATED, VAR
from deploy.stack.endpoints import POLICY, SERVICES, Endpoints
from deploy.stack.instance_lock import lock_holder
from shared.postgres.named_queries import load_queries
from shared.programme import policy

COUNTS = {
    "outbox": "to publish",
    "parked": "parked",
    "timers": "timers",
    "next_due": "next timer",
    "emails": "mails to go",
    "failed": "mails failed",
}
ROWS = (*COUNTS.values(), "to read")
SQL = load_queries(__file__, "status.sql")
UNKNOWN = "–"


def heading(endpoints: Endpoints) -> str:
    """Which stack this is, and the time in it where that was moved."""
    now = lock_holder(VAR)
    what = "The stack that the environment names" if STATED in os.environ or not now else f"Tandem runs: {now}"
    if not (ahead := dev_clock.offset(endpoints.clock)):
        return f"{what}."
    there = dev_clock.stack_now(endpoints.clock).astimezone(ZoneInfo(policy.load_policy(POLICY).zone))
    return f"{what}. Its clock shows {there:%Y-%m-%d %H:%M}, {ahead / dev_clock.DAY:.1f} days ahead."


def reached(endpoints: Endpoints) -> Table:
    """Where each door is."""
    table = Table(box=None, show_header=False)
    table.add_row("Mails", endpoints.mailbox_url)
    table.add_row("Pages", f"{endpoints.pages_url} (by a mail's link)")
    table.add_row("Kafka", endpoints.kafka)
    table.add_row("PostgreSQL", endpoints.database.rpartition("@")[2])
    table.add_row("Logs", os.path.relpath(endpoints.var / "log"))
    return table


async def counted(endpoints: Endpoints) -> dict[str, list[str]]:
    """What waits in each service, in the order of `ROWS`; a dash where it has no such thing."""
    return {service: await of(endpoints, service) for service in SERVICES}


async def of(endpoints: Endpoints, service: str) -> list[str]:
    connection = await asyncpg.connect(endpoints.database, timeout=5, server_settings={"search_path": service})
    try:
        return [*[await count(connection, name) for name in COUNTS], await lag(connection, endpoints.kafka)]
    finally:
        await connection.close()


def waiting(counts: Mapping[str, Sequence[str]]) -> Table:
    """What waits, a column for each service."""
    table = Table("Waiting", *counts, box=None)
    for name, *row in zip(ROWS, *counts.values(), strict=True):
        table.add_row(name, *row)
    return table


def hints(counts: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """What to do about what needs a person."""
    for name, what in (("parked", "tandem parked list"), ("mails failed", "the log of notify says why")):
        total = sum(int(row[ROWS.index(name)]) for row in counts.values() if row[ROWS.index(name)] != UNKNOWN)
        if total:
            yield f"[red]{name} {total}[/] → {what}"


async def count(connection: asyncpg.Connection, name: str) -> str:
    try:
        found = await connection.fetchval(SQL[name])
    except asyncpg.UndefinedTableError:
        return UNKNOWN
    return UNKNOWN if found is None else str(found)


async def lag(connection: asyncpg.Connection, kafka: str) -> str:
    """How many records lie behind what the service has handled, in all partitions of the topics that it reads."""
    try:
        rows = await connection.fetch(SQL["lag"])
    except asyncpg.UndefinedTableError:
        return UNKNOWN
    positions = {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in rows}
    async with AIOKafkaConsumer(bootstrap_servers=kafka) as consumer:
        ends = await consumer.end_offsets(list(positions))
        begun = await consumer.beginning_offsets(list(positions))
    return str(sum(ends[each] - max(positions[each], begun[each]) for each in positions))
