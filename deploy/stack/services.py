"""The service processes of a stack: start, stop and kill each by its name."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from deploy.async_tools import finish, gather_or_cancel
from deploy.stack.endpoints import Endpoints, environment
from deploy.stack.process import ManagedProcess, spawn
from deploy.stack.progress import NullProgress, Progress

POLL_INTERVAL = 0.1
MODULES = {
    "intake": "services.intake",
    "matching": "services.matching",
    "coaching": "services.coaching",
    "notify": "services.notify",
    "pages": "services.notify.pages",
}


class ServiceProcesses:
    """The running service processes, by name. `modules` maps each name to the module that it runs."""

    def __init__(self, endpoints: Endpoints, modules: Mapping[str, str] = MODULES) -> None:
        self.endpoints = endpoints
        self.modules = modules
        self.children: dict[str, ManagedProcess] = {}

    async def start(self, name: str) -> None:
        """Start a process and wait until it is ready. Raises UserError with the end of its log if it exits first."""
        child = await self._spawn(name)
        await child.wait_until(child.logged_ready)
        self.children[name] = child

    async def launch(self, name: str) -> None:
        """Start a process without waiting until it is ready."""
        self.children[name] = await self._spawn(name)

    async def stop(self, name: str) -> None:
        """Ask a process to end, and wait until it has ended."""
        await self.children.pop(name).stop()

    async def kill(self, name: str) -> None:
        """Send SIGKILL, as if its machine failed."""
        await self.children.pop(name).kill()

    async def stop_all(self) -> None:
        await asyncio.gather(*(self.stop(name) for name in list(self.children)))

    async def wait_exited(self, name: str) -> ManagedProcess:
        """Wait until a process exits without having been stopped or killed here, then remove and return it."""
        while (child := self.children.get(name)) is None or child.alive:  # noqa: ASYNC110 - a new child may take its place
            await asyncio.sleep(POLL_INTERVAL)
        return self.children.pop(name)

    async def _spawn(self, name: str) -> ManagedProcess:
        ready = ready_file(self.endpoints.var, name)
        ready.unlink(missing_ok=True)
        variables = environment(self.endpoints, name) | {"TANDEM_READY_FILE": str(ready)}
        return await spawn(name, [sys.executable, "-m", self.modules[name]], self.endpoints.var, environment=variables)


def ready_file(var: Path, name: str) -> Path:
    """The file that a service process touches while it is healthy."""
    return var / f"run/{name}.ready"


@asynccontextmanager
async def service_processes(endpoints: Endpoints, progress: Progress | None = None) -> AsyncIterator[ServiceProcesses]:
    """Start all service processes, yield them once they are ready, and stop them at the end."""
    processes = ServiceProcesses(endpoints)
    try:
        with (progress or NullProgress()).step("Starting the services", len(MODULES)) as advance:
            await gather_or_cancel(map(processes.start, MODULES), advance)
        yield processes
    finally:
        await finish(processes.stop_all())
