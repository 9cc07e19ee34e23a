"""The whole house, open: the stack, its topics and tables, the services, and what happens when one of its processes ends."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from deploy import endings, migrations, topology
from deploy.child import Child
from deploy.embedded import ground
from deploy.endpoints import Endpoints
from deploy.keeping import keep
from deploy.processes import LOOK, Fleet, fleet
from deploy.progress import Progress
from deploy.trouble import Trouble

T = TypeVar("T")


class House(NamedTuple):
    """Where everything is reached, the processes that serve there, and those that they stand on."""

    endpoints: Endpoints
    processes: Fleet
    ground: Sequence[Child] = ()

    async def kept(self, work: Coroutine[Any, Any, T], tell: Callable[[str], None]) -> T:
        """The result of `work`. A service that ends meanwhile is started again, and `tell` hears of it.

        Trouble when PostgreSQL, Kafka or the mailbox ends: nothing works without it.
        """
        try:
            async with asyncio.TaskGroup() as group:
                watching = [group.create_task(keep(self.processes, tell)), group.create_task(self._stands())]
                result = await work
                for watch in watching:
                    watch.cancel()
                return result
        except ExceptionGroup as failures:
            raise self._fallen() or failures.exceptions[0] from None

    async def _stands(self) -> None:
        while not (fallen := self._fallen()):  # noqa: ASYNC110 - several processes, one look
            await asyncio.sleep(LOOK)
        raise fallen

    def _fallen(self) -> Trouble | None:
        """What of the ground has ended."""
        for child in self.ground:
            if not child.alive:
                how = endings.how(child.process.returncode)
                return Trouble(f"{child.name} {how}, and nothing works without it: everything ends. Its log is {child.log}.")
        return None


@asynccontextmanager
async def house(var: Path, progress: Progress) -> AsyncIterator[House]:
    """Opens the house in `var`, and closes it; data stay."""
    endings.forget(var)
    async with ground(var, progress=progress) as (endpoints, children):
        with progress.step("Applying migrations and topics", 2) as done:
            await migrations.migrate(endpoints.database, endpoints.passwords)
            done()
            await topology.apply(endpoints.kafka, endpoints.database)
            done()
        async with fleet(endpoints, progress) as processes:
            try:
                yield House(endpoints, processes, children)
            finally:
                record(endpoints.var, children)


def record(var: Path, children: Sequence[Child]) -> None:
    """What of the ground ended by itself is why everything ends."""
    for child in children:
        if not child.alive:
            endings.add(var, endings.of(child, endings.ALL))
