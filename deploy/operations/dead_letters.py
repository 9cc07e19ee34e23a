"""The dead letters of a service, for an operator to inspect, replay and discard."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from deploy.errors import UserError
from shared.postgres.named_queries import load_queries

SQL = load_queries(__file__, "dead_letters.sql")
Row = Mapping[str, Any]


async def fetch_all(admin_url: str, service: str) -> list[Row]:
    """All dead letters of a service, in order."""
    async with _schema(admin_url, service) as db:
        return [dict(row) for row in await db.fetch(SQL["list"])]


async def get(admin_url: str, service: str, id: int) -> Row:
    """One dead letter with its bytes. Raises UserError if there is none with this number."""
    async with _schema(admin_url, service) as db:
        return _existing(await db.fetchrow(SQL["get"], id), service, id)


async def replay(admin_url: str, service: str, ids: Iterable[int]) -> list[int]:
    """Request a replay of failed messages, which the service starts within two seconds. Returns the numbers of those requested."""
    async with _schema(admin_url, service) as db:
        return [row[0] for row in await db.fetch(SQL["request_replay"], list(ids))]


async def discard(admin_url: str, service: str, id: int) -> None:
    """Delete a dead letter, which unblocks those behind it. Raises UserError if there is none with this number."""
    async with _schema(admin_url, service) as db:
        _existing(await db.fetchrow(SQL["discard"], id), service, id)


def blocked_by(rows: Iterable[Row]) -> dict[int, int | None]:
    """Map each dead letter, in order, to the number of the one that blocks it; to None if it failed itself or nothing blocks it."""
    first: dict[str, int] = {}
    blockers: dict[int, int | None] = {}
    for row in rows:
        heads = [first[key] for key in row["keys"] if key in first]
        blockers[row["id"]] = min(heads, default=None) if row["status"] == "blocked" else None
        for key in row["keys"]:
            first.setdefault(key, min(heads, default=row["id"]))
    return blockers


def _existing(row: Any, service: str, id: int) -> Row:
    if row is None:
        raise UserError(f"{service} has no dead letter {id}: `tandem dead-letters list` shows those that exist.")
    return dict(row)


@asynccontextmanager
async def _schema(admin_url: str, service: str) -> AsyncIterator[asyncpg.Connection]:
    db = await asyncpg.connect(admin_url, server_settings={"search_path": service})
    try:
        yield db
    except asyncpg.UndefinedTableError:
        raise UserError(f"The tables of {service} do not exist: run `tandem db migrate`.") from None
    finally:
        await db.close()
