"""The complete running stack: infrastructure, topics and tables, service processes, and their supervision."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from deploy.errors import UserError
from deploy.provision import migrations, topology
from deploy.stack import supervisor
from deploy.stack.embedded import infrastructure
from deploy.stack.endpoints import Endpoints
from deploy.stack.process import ManagedProcess
from deploy.stack.progress import Progress
from deploy.stack.services import POLL_INTERVAL, ServiceProcesses, service_processes

T = TypeVar("T")


class RunningStack(NamedTuple):
    """A stack's endpoints, its service processes, and the infrastructure processes that they depend on."""

    endpoints: Endpoints
    processes: ServiceProcesses
    infrastructure: Sequence[ManagedProcess] = ()

    async def supervised(self, work: Coroutine[Any, Any, T], report: Callable[[str], None]) -> T:
        """Run `work` and return its result, while service processes that exit are restarted; `report` receives a sentence for each.

        Raises UserError when PostgreSQL, Kafka or the mail catcher exits: nothing works without it.
        """
        try:
            async with asyncio.TaskGroup() as group:
                watchers = [
                    group.create_task(supervisor.supervise(self.processes, report)),
                    group.create_task(self._watch_infrastructure()),
                ]
                result = await work
                for watcher in watchers:
                    watcher.cancel()
                return result
        except ExceptionGroup as failures:
            raise self._failed_dependency() or failures.exceptions[0] from None

    async def _watch_infrastructure(self) -> None:
        while not (error := self._failed_dependency()):  # noqa: ASYNC110 - one loop watches several processes
            await asyncio.sleep(POLL_INTERVAL)
        raise error

    def _failed_dependency(self) -> UserError | None:
        """The error for the first infrastructure process that has exited, if any."""
        for child in self.infrastructure:
            if not child.alive:
                exit = child.describe_exit()
                return UserError(f"{child.name} {exit}, and nothing works without it: stopping everything. Its log is {child.log}.")
        return None


@asynccontextmanager
async def running_stack(var: Path, progress: Progress) -> AsyncIterator[RunningStack]:
    """Start the complete stack in `var` and stop it at the end; its data stay there."""
    supervisor.clear_exits(var)
    async with infrastructure(var, progress=progress) as (endpoints, children):
        with progress.step("Applying migrations and topics", 2) as advance:
            await migrations.migrate(endpoints.database, endpoints.passwords)
            advance()
            await topology.apply(endpoints.kafka, endpoints.database)
            advance()
        async with service_processes(endpoints, progress) as processes:
            try:
                yield RunningStack(endpoints, processes, children)
            finally:
                record_failed_infrastructure(endpoints.var, children)


def record_failed_infrastructure(var: Path, children: Sequence[ManagedProcess]) -> None:
    """Record the infrastructure processes that exited by themselves: `tandem status` names them as the reason of the stop."""
    for child in children:
        if not child.alive:
            supervisor.record_exit(var, child, "stack stopped")
