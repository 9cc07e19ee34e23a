"""Shared fixtures: a running stack, its database with all migrations applied, its Kafka with all topics."""

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
        "--stack", choices=["embedded", "containers"], default="embedded", help="the stack of integration and end-to-end tests"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--stack") == "embedded":
        return
    from tests.support.stacks.containers import docker_is_available

    if not docker_is_available():
        raise pytest.UsageError("no Docker engine answers: start one, or leave out STACK=containers to run on the embedded stack")


@pytest.fixture(scope="session")
def var() -> Iterator[Path]:
    """The stack's folder, which every user may enter: if the tests run as root, PostgreSQL runs as another user."""
    with tempfile.TemporaryDirectory(prefix="tandem-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture(scope="session")
async def stack(request: pytest.FixtureRequest, var: Path) -> AsyncIterator[Endpoints]:
    """PostgreSQL, Kafka and the mail catcher for the whole session, initially empty."""
    async with start_infrastructure(request.config.getoption("--stack"), var) as infrastructure:
        yield infrastructure.endpoints


def start_infrastructure(stack: str, folder: Path) -> AbstractAsyncContextManager[embedded.Infrastructure]:
    if stack == "embedded":
        return embedded.infrastructure(folder)
    from tests.support.stacks import containers

    return containers.infrastructure(folder)


@pytest.fixture(scope="session")
async def database(stack: Endpoints) -> AsyncIterator[asyncpg.Connection]:
    """The administrator's connection, all migrations applied; `stack.database_of(service)` is the URL with a service's own role."""
    await migrations.migrate(stack.database, stack.passwords)
    connection = await asyncpg.connect(stack.database)
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
async def kafka(stack: Endpoints, database: asyncpg.Connection) -> str:
    """Kafka's bootstrap servers, with all topics created and stored for the services."""
    await topology.apply(stack.kafka, stack.database)
    return stack.kafka
