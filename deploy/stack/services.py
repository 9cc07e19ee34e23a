"""The service processes: started, watched, stopped, killed and started again, each by its name."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from deploy.stack.concurrency import run_all, to_the_end
from deploy.stack.endpoints import Endpoints, environment
from deploy.stack.process import ManagedProcess, spawn
from deploy.stack.progress import NullProgress, Progress

LOOK = 0.1
MODULES = {
    "intake": "services.intake",
    "matching": "services.matching",
    "coaching": "services.coaching",
    "notify": "services.notify",
    "pages": "services.notify.pages",
}


class ServiceProcesses:
    """The processes that run. `ended` tells of one that it did not stop itself."""

    def __init__(self, endpoints: Endpoints, modules: Mapping[str, str] = MODULES) -> None:
        self.endpoints = endpoints
        self.modules = modules
        self.children: dict[str, ManagedProcess] = {}

    async def start(self, name: str) -> None:
        """Returns when the process logged that it is ready; Trouble with the tail of its log when it ends before."""
        child = await self._spawn(name)
        await child.until(child.said_ready)
        self.children[name] = child

    async def launch(self, name: str) -> None:
        """Starts it without waiting until it is ready."""
        self.children[name] = await self._spawn(name)

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

    async def ended(self, name: str) -> ManagedProcess:
        """Waits until this process has ended without being stopped, and forgets it."""
        while (child := self.children.get(name)) is None or child.alive:  # noqa: ASYNC110 - a new child may take its place
            await asyncio.sleep(LOOK)
        return self.children.pop(name)

    async def _spawn(self, name: str) -> ManagedProcess:
        ready = ready_file(self.endpoints.var, name)
        ready.unlink(missing_ok=True)
        told = environment(self.endpoints, name) | {"TANDEM_READY_FILE": str(ready)}
        return await spawn(name, [sys.executable, "-m", self.modules[name]], self.endpoints.var, environment=told)


def ready_file(var: Path, name: str) -> Path:
    """What a service touches while it is well."""
    return var / f"run/{name}.ready"


@asynccontextmanager
async def service_processes(endpoints: Endpoints, progress: Progress | None = None) -> AsyncIterator[ServiceProcesses]:
    """All processes, ready; all stopped at the end."""
    processes = ServiceProcesses(endpoints)
    try:
        with (progress or NullProgress()).step("Starting the services", len(MODULES)) as done:
            await run_all(map(processes.start, MODULES), done)
        yield processes
    finally:
        await to_the_end(processes.stop_all())
