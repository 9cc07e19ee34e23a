"""The backlog of each service for `tandem status`: what is pending, and failures that a person must look at."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence

import asyncpg
from aiokafka import TopicPartition
from rich.table import Table

from deploy.stack.endpoints import SERVICES, Endpoints
from shared.kafka.fetching import create_consumer
from shared.postgres.named_queries import load_queries

COUNTS = {
    "outbox": "outbox backlog",
    "dead_letters": "dead letters",
    "timers": "timers",
    "next_due": "next timer",
    "emails_queued": "emails queued",
    "emails_failed": "emails failed",
}
"""The label of each counting query."""
ROWS = (*COUNTS.values(), "consumer lag")
HINTS = {"dead letters": "tandem dead-letters list", "emails failed": "the log of notify has the reason"}
SQL = load_queries(__file__, "backlog.sql")
NOT_APPLICABLE = "–"
CONNECT_TIMEOUT = 5


async def fetch(endpoints: Endpoints) -> dict[str, list[str]]:
    """The backlog of each service, in the order of `ROWS`; a dash where a service has no such table."""
    rows = await asyncio.gather(*(_service_counts(endpoints, service) for service in SERVICES))
    return dict(zip(SERVICES, rows, strict=True))


async def _service_counts(endpoints: Endpoints, service: str) -> list[str]:
    schema = {"search_path": service}
    connection = await asyncpg.connect(endpoints.database, timeout=CONNECT_TIMEOUT, server_settings=schema)
    try:
        return [*[await _count(connection, query) for query in COUNTS], await consumer_lag(connection, endpoints.kafka)]
    finally:
        await connection.close()


def table(counts: Mapping[str, Sequence[str]], *, zeros: bool = False) -> Table:
    """The backlog with a column for each service; without `zeros`, only the rows that count something."""
    result = Table("Backlog", *counts, box=None)
    for label, *row in zip(ROWS, *counts.values(), strict=True):
        if zeros or not set(row) <= {"0", NOT_APPLICABLE}:
            result.add_row(label, *row)
    return result


def hints(counts: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """A line for each count that needs a person, with where to look."""
    for label, where in HINTS.items():
        cells = (row[ROWS.index(label)] for row in counts.values())
        if total := sum(int(cell) for cell in cells if cell != NOT_APPLICABLE):
            yield f"[red]{label}: {total}[/] → {where}"


async def _count(connection: asyncpg.Connection, query: str) -> str:
    try:
        value = await connection.fetchval(SQL[query])
    except asyncpg.UndefinedTableError:
        return NOT_APPLICABLE
    return NOT_APPLICABLE if value is None else str(value)


async def consumer_lag(connection: asyncpg.Connection, kafka: str) -> str:
    """The number of committed records that the service has not processed yet, over all partitions that it consumes."""
    try:
        rows = await connection.fetch(SQL["lag"])
    except asyncpg.UndefinedTableError:
        return NOT_APPLICABLE
    offsets = {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in rows}
    async with create_consumer(bootstrap_servers=kafka) as consumer:
        ends = await consumer.end_offsets(list(offsets))
        beginnings = await consumer.beginning_offsets(list(offsets))
    return str(sum(ends[partition] - max(offset, beginnings[partition]) for partition, offset in offsets.items()))
