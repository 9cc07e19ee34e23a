"""The whole house, open: the stack, its topics and tables, the services, and what happens when one of its processes ends."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from deploy.errors import UserError
from deploy.provision import migrations, topology
from deploy.stack import exit_log
from deploy.stack.embedded import infrastructure
from deploy.stack.endpoints import Endpoints
from deploy.stack.process import ManagedProcess
from deploy.stack.progress import Progress
from deploy.stack.restart_policy import keep
from deploy.stack.services import LOOK, ServiceProcesses, service_processes

T = TypeVar("T")


class RunningStack(NamedTuple):
    """Where everything is reached, the processes that serve there, and those that they stand on."""

    endpoints: Endpoints
    processes: ServiceProcesses
    infrastructure: Sequence[ManagedProcess] = ()

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

    def _fallen(self) -> UserError | None:
        """What of the ground has ended."""
        for child in self.infrastructure:
            if not child.alive:
                how = exit_log.how(child.process.returncode)
                return UserError(f"{child.name} {how}, and nothing works without it: everything ends. Its log is {child.log}.")
        return None


@asynccontextmanager
async def running_stack(var: Path, progress: Progress) -> AsyncIterator[RunningStack]:
    """Opens the house in `var`, and closes it; data stay."""
    exit_log.forget(var)
    async with infrastructure(var, progress=progress) as (endpoints, children):
        with progress.step("Applying migrations and topics", 2) as done:
            await migrations.migrate(endpoints.database, endpoints.passwords)
            done()
            await topology.apply(endpoints.kafka, endpoints.database)
            done()
        async with service_processes(endpoints, progress) as processes:
            try:
                yield RunningStack(endpoints, processes, children)
            finally:
                record(endpoints.var, children)


def record(var: Path, children: Sequence[ManagedProcess]) -> None:
    """What of the ground ended by itself is why everything ends."""
    for child in children:
        if not child.alive:
            exit_log.add(var, exit_log.of(child, exit_log.ALL))
