"""The database: a pool of connections, the locks on keys, and patience while it is away."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from zlib import crc32

import asyncpg
import msgspec

from shared.errors import TRANSIENT_ERRORS, ConnectionLost, safe_error_text
from shared.log import log
from shared.postgres.named_queries import load_queries

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
else:
    Connection, Pool = asyncpg.Connection, asyncpg.Pool

T = TypeVar("T")
SQL = load_queries(__file__)
COMMAND_TIMEOUT = 30
"""Seconds that one statement may take; then the server is taken to be away."""


async def create_pool(url: str, size: int) -> Pool:
    """A pool of at most `size` connections. Waits until the database answers."""

    async def opened() -> Pool:
        return await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=size,
            init=_prepare,
            reset=_no_reset,
            command_timeout=COMMAND_TIMEOUT,
            server_settings={"idle_in_transaction_session_timeout": "3s", "timezone": "UTC"},
        )

    return await retry_transient(opened)


async def _prepare(db: Connection) -> None:
    """`jsonb` comes as Python's lists and dicts, and goes as these or as frozen structs.

    In an array of `jsonb` no element may be a list: asyncpg would take it for a dimension.
    """
    await db.set_type_codec("jsonb", schema="pg_catalog", encoder=_to_json, decoder=msgspec.json.decode)


def _to_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


async def _no_reset(db: Connection) -> None:
    """No reset between batches: we leave nothing behind on a connection."""


async def retry_transient(work: Callable[[], Awaitable[T]]) -> T:
    """The result of `work`, tried again for as long as an outage lasts. Any other error is the caller's."""
    delay = 0.05
    while True:
        try:
            return await work()
        except TRANSIENT_ERRORS as error:
            log.warning("waiting", error=type(error).__name__, detail=safe_error_text(error), seconds=round(delay, 2))
        await asyncio.sleep(delay * random.uniform(0.7, 1.3))
        delay = min(delay * 2, 2.0)


@asynccontextmanager
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    """A connection of the pool. Raises `Unreachable` where asyncpg would blame our use of a connection that is gone."""
    async with pool.acquire() as db:
        try:
            yield db
        except asyncpg.InterfaceError as error:
            if _is_gone(db):
                raise ConnectionLost("the connection to the database was lost") from error
            raise


def _is_gone(db: Connection) -> bool:
    """A connection that is lost goes back to the pool at once, and then answers nothing any more."""
    try:
        return db.is_closed()
    except asyncpg.InterfaceError:
        return True


async def lock_keys(db: Connection, service: str, keys: Iterable[str]) -> None:
    """Keeps every other batch of this service away from these keys until the transaction ends; keys without a row too."""
    await db.execute(SQL["lock"], list(keys), crc32(service.encode()))
