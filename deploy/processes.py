"""The service processes: started, watched, stopped, killed and started again, each by its name."""

import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any, NoReturn, TypeVar

from deploy.child import Child, spawn
from deploy.endpoints import Endpoints, environment
from deploy.progress import Progress, Silent
from deploy.together import to_the_end, together

T = TypeVar("T")

MODULES = {
    "intake": "services.intake",
    "matching": "services.matching",
    "coaching": "services.coaching",
    "notify": "services.notify",
    "pages": "services.notify.pages",
}


class Fleet:
    """The processes that run; what it did not stop itself must not end."""

    def __init__(self, endpoints: Endpoints, modules: Mapping[str, str] = MODULES) -> None:
        self.endpoints = endpoints
        self.modules = modules
        self.children: dict[str, Child] = {}

    async def start(self, name: str) -> None:
        """Returns when the process logged that it is ready; Trouble with the tail of its log when it ends before."""
        command = [sys.executable, "-m", self.modules[name]]
        child = await spawn(name, command, self.endpoints.var, environment=environment(self.endpoints, name))
        await child.until(child.said_ready)
        self.children[name] = child

    async def stop(self, name: str) -> None:
        """Asks it to end, and waits."""
        await self.children.pop(name).stop()

    async def kill(self, name: str) -> None:
        """SIGKILL: as if its machine went away."""
        await self.children.pop(name).kill()

    async def restart(self, name: str) -> None:
        await self.stop(name)
        await self.start(name)

    async def stop_all(self) -> None:
        await asyncio.gather(*(self.stop(name) for name in list(self.children)))

    async def while_alive(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`; given up, with what `watch` raises, when a process ends meanwhile."""
        try:
            async with asyncio.TaskGroup() as group:
                watching = group.create_task(self.watch())
                result = await work
                watching.cancel()
                return result
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def watch(self) -> NoReturn:
        """Raises Trouble, with the tail of its log, as soon as a process has ended that nobody stopped."""
        while True:
            for child in self.children.values():
                if not child.alive:
                    raise child.died()
            await asyncio.sleep(0.2)


@asynccontextmanager
async def fleet(endpoints: Endpoints, progress: Progress | None = None) -> AsyncIterator[Fleet]:
    """All processes, ready; all stopped at the end."""
    processes = Fleet(endpoints)
    try:
        with (progress or Silent()).step("Starting the services", len(MODULES)) as done:
            await together(map(processes.start, MODULES), done)
        yield processes
    finally:
        await to_the_end(processes.stop_all())
