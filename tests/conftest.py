"""What tests ask for by name: a running stack, its database with every migration, its bus with every topic."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import asyncpg
import pytest

from deploy.provision import migrations, topology
from deploy.stack import embedded
from deploy.stack.endpoints import Endpoints


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--stack", choices=["embedded", "containers"], default="embedded", help="what integration and flow tests run on"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--stack") == "embedded":
        return
    from tests.support.stacks.containers import engine_answers

    if not engine_answers():
        raise pytest.UsageError("no Docker engine answers: start one, or leave out STACK=containers to run on the embedded stack")


@pytest.fixture(scope="session")
def var() -> Iterator[Path]:
    """The stack's folder. Others may pass through it: where the tests run as root, PostgreSQL runs as somebody else."""
    with tempfile.TemporaryDirectory(prefix="tandem-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture(scope="session")
async def stack(request: pytest.FixtureRequest, var: Path) -> AsyncIterator[Endpoints]:
    """PostgreSQL, Kafka and the mailbox, for the whole session; nothing is in them yet."""
    async with chosen(request.config.getoption("--stack"), var) as endpoints:
        yield endpoints


def chosen(name: str, folder: Path) -> AbstractAsyncContextManager[Endpoints]:
    if name == "embedded":
        return embedded.stack(folder)
    from tests.support.stacks import containers

    return containers.stack(folder)


@pytest.fixture(scope="session")
async def database(stack: Endpoints) -> AsyncIterator[asyncpg.Connection]:
    """The administrator's connection, every schema migrated. `stack.database_of(service)` is the URL of a service's own role."""
    await migrations.migrate(stack.database, stack.passwords)
    connection = await asyncpg.connect(stack.database)
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
async def kafka(stack: Endpoints, database: asyncpg.Connection) -> str:
    """Kafka's bootstrap servers, every topic there and known to the services."""
    await topology.apply(stack.kafka, stack.database)
    return stack.kafka
