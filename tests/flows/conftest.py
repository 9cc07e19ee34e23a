"""The whole house for flow tests, and one undisturbed journey in it that others are compared with."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy import embedded, journey, migrations, topology
from deploy.house import House
from deploy.processes import fleet
from deploy.progress import Silent
from tests.flows.run import Run
from tests.stacks import containers


@pytest.fixture(scope="session")
async def house(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    """A stack of its own, since the services would hear what other tests put on the bus; every process runs."""
    start = containers.stack if request.config.getoption("--stack") == "containers" else embedded.stack
    with tempfile.TemporaryDirectory(prefix="tandem-") as folder:
        async with start(Path(folder)) as endpoints:
            await migrations.migrate(endpoints.database, endpoints.passwords)
            await topology.apply(endpoints.kafka, endpoints.database)
            async with fleet(endpoints) as processes:
                yield House(endpoints, processes)


@pytest.fixture(scope="session")
async def calm(house: House) -> Run:
    """One journey in which nobody interferes."""
    async with journey.stage(house.endpoints, Silent(), "calm") as stage:
        return Run(stage, await journey.tell(stage))
