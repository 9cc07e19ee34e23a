"""The whole house for flow tests, and one undisturbed journey in it that others are compared with."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy import demo
from deploy.provision import migrations, topology
from deploy.stack import embedded
from deploy.stack.progress import NullProgress
from deploy.stack.running_stack import RunningStack
from deploy.stack.services import service_processes
from tests.e2e.run import Run
from tests.support.stacks import containers


@pytest.fixture(scope="session")
async def house(request: pytest.FixtureRequest) -> AsyncIterator[RunningStack]:
    """A stack of its own, since the services would hear what other tests put on the bus; every process runs."""
    start = containers.stack if request.config.getoption("--stack") == "containers" else embedded.stack
    with tempfile.TemporaryDirectory(prefix="tandem-") as folder:
        async with start(Path(folder)) as endpoints:
            await migrations.migrate(endpoints.database, endpoints.passwords)
            await topology.apply(endpoints.kafka, endpoints.database)
            async with service_processes(endpoints) as processes:
                yield RunningStack(endpoints, processes)


@pytest.fixture(scope="session")
async def calm(house: RunningStack) -> Run:
    """One journey in which nobody interferes."""
    async with demo.stage(house.endpoints, NullProgress(), "calm") as stage:
        return Run(stage, await demo.tell(stage))
