"""Migrations on a real database: what fails leaves nothing behind, what was changed is refused."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from deploy.provision import migrations
from deploy.provision.migrations import File, MigrationError, migrate
from deploy.stack.endpoints import Endpoints


@pytest.fixture
async def empty(stack: Endpoints, database: asyncpg.Connection) -> AsyncIterator[str]:
    """The administrator's URL of a database of this test's own, with nothing in it."""
    await database.execute("CREATE DATABASE rehearsal")
    yield urlunsplit(urlsplit(stack.database)._replace(path="/rehearsal"))
    await database.execute("DROP DATABASE rehearsal")


def only(monkeypatch: pytest.MonkeyPatch, *wanted: File) -> None:
    monkeypatch.setattr(migrations, "files", lambda service: [file for file in wanted if file.source == service])


GOOD = File("intake", "0001_ledger", "CREATE TABLE ledger (id uuid PRIMARY KEY);")
BROKEN = File("intake", "0002_more", "CREATE TABLE more (id uuid); SELECT nothing_of_that_name;")


async def test_a_file_that_fails_leaves_nothing_and_is_named(stack: Endpoints, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, GOOD, BROKEN)

    with pytest.raises(MigrationError, match="intake/0002_more does not apply to intake, nothing of it stays"):
        await migrate(empty, stack.passwords)

    connection = await asyncpg.connect(empty)
    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'intake' ORDER BY tablename")
    await connection.close()
    assert [row["tablename"] for row in tables] == ["ledger", "migrations"]


async def test_mended_it_goes_on_where_it_stopped(stack: Endpoints, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, GOOD, BROKEN)
    with pytest.raises(MigrationError):
        await migrate(empty, stack.passwords)

    only(monkeypatch, GOOD, BROKEN._replace(text="CREATE TABLE more (id uuid);"))

    assert [row.name for row in await migrate(empty, stack.passwords)] == ["0002_more"]


async def test_a_changed_file_is_refused(stack: Endpoints, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, GOOD)
    await migrate(empty, stack.passwords)

    only(monkeypatch, GOOD._replace(text="CREATE TABLE ledger (id text PRIMARY KEY);"))

    with pytest.raises(MigrationError, match="intake/0001_ledger was changed after it was applied"):
        await migrate(empty, stack.passwords)


async def test_a_role_without_a_password_is_named(empty: str) -> None:
    with pytest.raises(MigrationError, match="no password is given for the role tandem_intake"):
        await migrate(empty, {})


async def test_two_at_the_same_time_apply_each_file_once(stack: Endpoints, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, GOOD)

    both = await asyncio.gather(migrate(empty, stack.passwords), migrate(empty, stack.passwords))

    assert [row.name for applied in both for row in applied] == ["0001_ledger"]
