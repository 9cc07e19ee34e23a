"""The role of a service reads and writes in its own schema and nowhere else."""

import asyncpg
import pytest

from deploy.provision.migrations import migrate, status
from deploy.stack.endpoints import SERVICES, Endpoints


async def tables(database: asyncpg.Connection, schema: str) -> list[str]:
    rows = await database.fetch("SELECT tablename FROM pg_tables WHERE schemaname = $1 ORDER BY tablename", schema)
    return [row["tablename"] for row in rows]


@pytest.mark.parametrize("service", SERVICES)
async def test_service_cannot_read_tables_of_another(stack: Endpoints, database: asyncpg.Connection, service: str) -> None:
    connection = await asyncpg.connect(stack.database_of(service))
    try:
        for other in SERVICES:
            for table in await tables(database, other) if other != service else []:
                with pytest.raises(asyncpg.InsufficientPrivilegeError, match=f"schema {other}"):
                    await connection.execute(f"SELECT 1 FROM {other}.{table}")
    finally:
        await connection.close()


@pytest.mark.parametrize("service", SERVICES)
async def test_service_has_no_privilege_on_other_schemas(database: asyncpg.Connection, service: str) -> None:
    rows = await database.fetch(
        "SELECT nspname, p AS privilege FROM pg_namespace, unnest(ARRAY['USAGE', 'CREATE']) AS p "
        "WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' AND has_schema_privilege($1, oid, p)",
        f"tandem_{service}",
    )

    assert [tuple(row) for row in rows] == [(service, "USAGE")]


@pytest.mark.parametrize("service", SERVICES)
async def test_service_reads_and_writes_its_own_tables(stack: Endpoints, database: asyncpg.Connection, service: str) -> None:
    own = [table for table in await tables(database, service) if table != "migrations"]
    connection = await asyncpg.connect(stack.database_of(service))
    try:
        granted = [
            await connection.fetchval("SELECT has_table_privilege($1, p) FROM unnest($2::text[]) AS p", table, [privilege])
            for table in own
            for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE")
        ]
    finally:
        await connection.close()

    assert own
    assert all(granted)


async def test_service_cannot_change_the_table_of_migrations(stack: Endpoints, database: asyncpg.Connection) -> None:
    connection = await asyncpg.connect(stack.database_of("intake"))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="migrations"):
            await connection.execute("DELETE FROM migrations")
    finally:
        await connection.close()


async def test_frozen_service_loses_its_locks_after_three_seconds(stack: Endpoints, database: asyncpg.Connection) -> None:
    connection = await asyncpg.connect(stack.database_of("matching"))
    try:
        assert await connection.fetchval("SHOW idle_in_transaction_session_timeout") == "3s"
    finally:
        await connection.close()


async def test_migrating_again_applies_nothing(stack: Endpoints, database: asyncpg.Connection) -> None:
    assert await migrate(stack.database, stack.passwords) == []


async def test_nothing_is_pending_after_migrating(stack: Endpoints, database: asyncpg.Connection) -> None:
    assert [row for row in await status(stack.database) if row.applied_at is None] == []
