"""A complete stack for end-to-end tests, and one undisturbed journey as the baseline that other runs are compared with."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.demo.journey import open_context, play
from deploy.provision import migrations, topology
from deploy.stack import embedded
from deploy.stack.progress import NullProgress
from deploy.stack.running_stack import RunningStack
from deploy.stack.services import service_processes
from tests.e2e.run import Run
from tests.support.stacks import containers


@pytest.fixture(scope="session")
async def running(request: pytest.FixtureRequest) -> AsyncIterator[RunningStack]:
    """A separate stack with all processes, because the services would consume what other tests publish."""
    infrastructure = (containers if request.config.getoption("--stack") == "containers" else embedded).infrastructure
    with tempfile.TemporaryDirectory(prefix="tandem-") as folder:
        async with infrastructure(Path(folder)) as (endpoints, _):
            await migrations.migrate(endpoints.database, endpoints.passwords)
            await topology.apply(endpoints.kafka, endpoints.database)
            async with service_processes(endpoints) as processes:
                yield RunningStack(endpoints, processes)


@pytest.fixture(scope="session")
async def baseline(running: RunningStack) -> Run:
    """One journey without faults."""
    async with open_context(running.endpoints, NullProgress(), "baseline") as context:
        return Run(context, await play(context))
