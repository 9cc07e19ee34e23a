"""The service processes under test. Each can be started with a crash point, a seeded bug or through the proxies."""

import asyncio
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from deploy.stack.endpoints import Endpoints, environment
from deploy.stack.process import ManagedProcess, spawn
from deploy.stack.services import MODULES
from tests.support.waiting import wait_until

LAUNCHER = "tests.fault_injection.launcher"
READY_TIMEOUT = 120.0
RESTART_POLL_INTERVAL = 0.1


class Exit(NamedTuple):
    """A process that exited without being stopped, and its exit code."""

    name: str
    code: int | None


class Processes:
    """Service processes by name; the second process of a service has the suffix `-2`. `exits` are in order, each was restarted."""

    def __init__(self, endpoints: Endpoints, proxied_endpoints: Endpoints, policy: Path) -> None:
        self.children: dict[str, ManagedProcess] = {}
        self.exits: list[Exit] = []
        self._endpoints, self._proxied_endpoints, self._policy = endpoints, proxied_endpoints, policy
        self._proxied = set[str]()

    async def start_all(self) -> None:
        await asyncio.gather(*(self.start(name) for name in MODULES))

    async def start(self, name: str, *options: str, proxied: bool = False) -> None:
        """Start a process with these options of the launcher. Return once it is ready, or has crashed at its crash point."""
        (self._proxied.add if proxied else self._proxied.discard)(name)
        child = await self._spawn(name, options)

        async def is_ready() -> bool:
            return await child.logged_ready() or ("--at" in options and not child.alive)

        await child.wait_until(is_ready, READY_TIMEOUT)

    async def _spawn(self, name: str, options: Sequence[str] = ()) -> ManagedProcess:
        service = name.partition("-")[0]
        module = MODULES[service]
        command = [sys.executable, "-m", *([LAUNCHER, module, *options] if options else [module])]
        endpoints = self._proxied_endpoints if name in self._proxied else self._endpoints
        variables = environment(endpoints, service) | {"TANDEM_POLICY": str(self._policy)}
        self.children[name] = await spawn(name, command, self._endpoints.var, environment=variables)
        return self.children[name]

    async def stop(self, name: str) -> int | None:
        """Stop a process with SIGTERM and return its exit code."""
        child = self.children.pop(name)
        await child.stop()
        return child.process.returncode

    async def restart(self, options: Mapping[str, Sequence[str]], *, proxied: bool = False) -> None:
        """Stop the named processes that run, and start all of them, each with its options."""
        await asyncio.gather(*(self.stop(name) for name in options if name in self.children))
        await asyncio.gather(*(self.start(name, *its, proxied=proxied) for name, its in options.items()))

    def kill(self, name: str) -> None:
        """Send SIGKILL; `restart_exited` starts the process again."""
        self.children[name].process.kill()

    def freeze(self, name: str) -> None:
        self.children[name].process.send_signal(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        self.children[name].process.send_signal(signal.SIGCONT)

    async def restart_exited(self) -> None:
        """Restart each process that exits, at once and without options, until cancelled.

        The product's supervisor is not used: it waits between restarts and gives up after five exits in a minute.
        """
        while True:
            for name, child in list(self.children.items()):
                if not child.alive and self.children.get(name) is child:
                    self.exits.append(Exit(name, child.process.returncode))
                    await self._spawn(name)
            await asyncio.sleep(RESTART_POLL_INTERVAL)

    async def wait_all_ready(self) -> None:
        """Wait until every process is ready, restarted ones included. Raises `TimeoutError`."""
        for name in list(self.children):
            await wait_until(lambda name=name: self.children[name].logged_ready(), READY_TIMEOUT)  # type: ignore[misc]

    async def kill_all(self) -> None:
        for child in self.children.values():
            await child.kill()
