"""Migrations on a real database: a failed file is rolled back, a changed one is refused."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from deploy.provision import migrations
from deploy.provision.migrations import MigrationError, MigrationFile, migrate
from deploy.stack.endpoints import Endpoints


@pytest.fixture
async def empty(stack: Endpoints, database: asyncpg.Connection) -> AsyncIterator[str]:
    """The administrator's URL of an empty database."""
    await database.execute("CREATE DATABASE scratch")
    yield urlunsplit(urlsplit(stack.database)._replace(path="/scratch"))
    await database.execute("DROP DATABASE scratch")


def use_files(monkeypatch: pytest.MonkeyPatch, *files: MigrationFile) -> None:
    monkeypatch.setattr(migrations, "migration_files", lambda service: [file for file in files if file.source == service])


GOOD = MigrationFile("intake", "0001_experts", "CREATE TABLE experts (id uuid PRIMARY KEY);")
BROKEN = MigrationFile("intake", "0002_more", "CREATE TABLE more (id uuid); SELECT nothing_of_that_name;")


async def test_failed_file_is_rolled_back_and_named(stack: Endpoints, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use_files(monkeypatch, GOOD, BROKEN)

    with pytest.raises(MigrationError, match="intake/0002_more failed on intake and was rolled back"):
        await migrate(empty, stack.passwords)

    connection = await asyncpg.connect(empty)
    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'intake' ORDER BY tablename")
    await connection.close()
    assert [row["tablename"] for row in tables] == ["experts", "migrations"]


async def test_migration_continues_with_the_corrected_file(stack: Endpoints, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use_files(monkeypatch, GOOD, BROKEN)
    with pytest.raises(MigrationError):
        await migrate(empty, stack.passwords)

    use_files(monkeypatch, GOOD, BROKEN._replace(text="CREATE TABLE more (id uuid);"))

    assert [row.name for row in await migrate(empty, stack.passwords)] == ["0002_more"]


async def test_changed_file_is_refused(stack: Endpoints, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use_files(monkeypatch, GOOD)
    await migrate(empty, stack.passwords)

    use_files(monkeypatch, GOOD._replace(text="CREATE TABLE experts (id text PRIMARY KEY);"))

    with pytest.raises(MigrationError, match="intake/0001_experts was changed after it was applied"):
        await migrate(empty, stack.passwords)


async def test_concurrent_migrations_apply_each_file_once(stack: Endpoints, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use_files(monkeypatch, GOOD)

    both = await asyncio.gather(migrate(empty, stack.passwords), migrate(empty, stack.passwords))

    assert [row.name for applied in both for row in applied] == ["0001_experts"]
