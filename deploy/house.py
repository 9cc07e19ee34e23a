"""The whole house, open: the stack, its topics and tables, the services."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from deploy import migrations, topology
from deploy.embedded import stack
from deploy.endpoints import Endpoints
from deploy.processes import Fleet, fleet
from deploy.progress import Progress


class House(NamedTuple):
    """Where everything is reached, and the processes that serve there."""

    endpoints: Endpoints
    processes: Fleet


@asynccontextmanager
async def house(var: Path, progress: Progress) -> AsyncIterator[House]:
    """Opens the house in `var`, and closes it; data stay."""
    async with stack(var, progress=progress) as endpoints:
        with progress.step("Applying migrations and topics", 2) as done:
            await migrations.migrate(endpoints.database, endpoints.passwords)
            done()
            await topology.apply(endpoints.kafka, endpoints.database)
            done()
        async with fleet(endpoints, progress) as processes:
            yield House(endpoints, processes)
