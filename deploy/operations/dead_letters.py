"""The parking places of the services, as an operator looks at them and decides what goes on."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from deploy.errors import UserError
from shared.postgres.named_queries import load_queries

SQL = load_queries(__file__, "dead_letters.sql")
Row = Mapping[str, Any]


async def listed(admin_url: str, service: str) -> list[Row]:
    """All that is parked in a service, in order."""
    async with _schema(admin_url, service) as db:
        return [dict(row) for row in await db.fetch(SQL["list"])]


async def shown(admin_url: str, service: str, seq: int) -> Row:
    """One parked message with its bytes. Raises `Trouble` where there is none of that number."""
    async with _schema(admin_url, service) as db:
        return _one(await db.fetchrow(SQL["show"], seq), service, seq)


async def replay(admin_url: str, service: str, seqs: Iterable[int]) -> list[int]:
    """Asks the service to try these again, which it does within a second or two. Returns those that wait to be asked."""
    async with _schema(admin_url, service) as db:
        return [row[0] for row in await db.fetch(SQL["replay"], list(seqs))]


async def discard(admin_url: str, service: str, seq: int) -> None:
    """Gives a message up for good; what stood behind it goes on. Raises `Trouble` where there is none of that number."""
    async with _schema(admin_url, service) as db:
        _one(await db.fetchrow(SQL["discard"], seq), service, seq)


def before(rows: Iterable[Row]) -> dict[int, int | None]:
    """For each parked message, in order, the number of the one that it waits for; none for one with an error of its own."""
    first: dict[str, int] = {}
    waits: dict[int, int | None] = {}
    for row in rows:
        heads = [first[key] for key in row["keys"] if key in first]
        waits[row["id"]] = min(heads, default=None) if row["status"] == "blocked" else None
        for key in row["keys"]:
            first.setdefault(key, min(heads, default=row["id"]))
    return waits


def _one(row: Any, service: str, seq: int) -> Row:
    if row is None:
        raise UserError(f"{service} has no parked message {seq}: `tandem parked list` shows which there are.")
    return dict(row)


@asynccontextmanager
async def _schema(admin_url: str, service: str) -> AsyncIterator[asyncpg.Connection]:
    db = await asyncpg.connect(admin_url, server_settings={"search_path": service})
    try:
        yield db
    except asyncpg.UndefinedTableError:
        raise UserError(f"The tables of {service} are not there: run `tandem db migrate`.") from None
    finally:
        await db.close()
