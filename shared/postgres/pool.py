"""Connections to PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg
import msgspec

from shared.errors import ConnectionLost
from shared.postgres.retry import retry_transient

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
else:
    Connection, Pool = asyncpg.Connection, asyncpg.Pool

COMMAND_TIMEOUT = 30
"""Seconds that a statement may take before the server counts as unavailable."""
CLOSE_TIMEOUT = 2


async def create_pool(url: str, size: int) -> Pool:
    """Open a pool of at most `size` connections, waiting until the database answers."""

    async def create() -> Pool:
        return await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=size,
            init=_set_json_codec,
            reset=_no_reset,
            command_timeout=COMMAND_TIMEOUT,
            server_settings={"idle_in_transaction_session_timeout": "3s", "timezone": "UTC"},
        )

    return await retry_transient(create)


@asynccontextmanager
async def open_pool(url: str, size: int) -> AsyncIterator[Pool]:
    """Open a pool, as `create_pool` does, and close it at the exit; connections that no longer respond are terminated."""
    pool = await create_pool(url, size)
    try:
        yield pool
    finally:
        try:
            await asyncio.wait_for(pool.close(), CLOSE_TIMEOUT)
        except TimeoutError:
            pool.terminate()


async def _set_json_codec(db: Connection) -> None:
    """Decode `jsonb` to lists and dicts; encode these, and frozen structs.

    An element of a `jsonb[]` must not be a list: asyncpg would take it for a dimension of the array. A JSON array may contain
    lists.
    """
    await db.set_type_codec("jsonb", schema="pg_catalog", encoder=_to_json, decoder=msgspec.json.decode)


def _to_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


async def _no_reset(db: Connection) -> None:
    """Save the round trip of `RESET ALL` on release: a batch leaves no session state behind."""


@asynccontextmanager
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    """Acquire a connection. Raises `ConnectionLost` where asyncpg reports a lost connection as misuse."""
    async with pool.acquire() as db:
        try:
            yield db
        except asyncpg.InterfaceError as error:
            if _is_lost(db):
                raise ConnectionLost("the connection to the database was lost") from error
            raise


def _is_lost(db: Connection) -> bool:
    """A lost connection returns to the pool immediately; from then on its proxy raises on every call."""
    try:
        return db.is_closed()
    except asyncpg.InterfaceError:
        return True
