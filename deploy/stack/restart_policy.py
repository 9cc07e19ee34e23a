"""Starts a service process again that ended by itself, a little later each time, and gives up on one that keeps ending."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from deploy.stack import exit_log
from deploy.stack.exit_log import AGAIN, GIVEN_UP
from deploy.stack.process import ManagedProcess
from deploy.stack.services import ServiceProcesses

PAUSES = (0.0, 1.0, 2.0, 5.0)
MANY = 5
WITHIN = 60.0
"""So many deaths in so many seconds, and it is given up."""


async def keep(fleet: ServiceProcesses, tell: Callable[[str], None]) -> None:
    """Keeps all processes of the fleet until cancelled; `tell` gets a sentence for each that ended. What was stopped stays so."""
    async with asyncio.TaskGroup() as group:
        for name in fleet.modules:
            group.create_task(keep_one(fleet, name, tell))
        await asyncio.Event().wait()


async def keep_one(fleet: ServiceProcesses, name: str, tell: Callable[[str], None]) -> None:
    """Returns when it gives up."""
    died: list[float] = []
    while True:
        child = await fleet.ended(name)
        died = [at for at in died if time.monotonic() - at < WITHIN] + [time.monotonic()]
        then = GIVEN_UP if len(died) >= MANY else AGAIN
        record(fleet.endpoints.var, child, then, tell)
        if then == GIVEN_UP:
            return
        await asyncio.sleep(PAUSES[min(len(died), len(PAUSES)) - 1])
        await fleet.launch(name)


def record(var: Path, child: ManagedProcess, then: str, tell: Callable[[str], None]) -> None:
    """Where `tandem status` looks, and where somebody may be looking now."""
    ending = exit_log.of(child, then)
    exit_log.add(var, ending)
    came = "it is started again" if then == AGAIN else f"it ends again and again, so it stays down; see {child.log}"
    tell(f"{child.name} {ending.how}: {came}.")
