"""A lost connection is a transient error; a value that PostgreSQL rejects is not."""

import asyncio

import asyncpg
import pytest

from deploy.stack.endpoints import Endpoints
from shared.errors import ConnectionLost
from shared.postgres.pool import connection, create_pool


async def test_a_connection_lost_during_a_transaction_is_a_transient_error(stack: Endpoints) -> None:
    pool = await create_pool(stack.database, size=2)
    try:
        with pytest.raises(ConnectionLost):
            async with connection(pool) as db:
                async with db.transaction():
                    await _terminate(stack.database, await db.fetchval("SELECT pg_backend_pid()"))
                    await asyncio.sleep(0.2)
                    await db.fetchval("SELECT 1")
        assert await pool.fetchval("SELECT 1") == 1
    finally:
        await pool.close()


async def test_a_value_of_the_wrong_type_keeps_its_own_error(stack: Endpoints) -> None:
    pool = await create_pool(stack.database, size=1)
    try:
        with pytest.raises(asyncpg.DataError):
            async with connection(pool) as db:
                await db.fetchval("SELECT $1::int", "three")
    finally:
        await pool.close()


async def _terminate(url: str, pid: int) -> None:
    other = await asyncpg.connect(url)
    await other.execute("SELECT pg_terminate_backend($1)", pid)
    await other.close()
