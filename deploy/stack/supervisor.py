"""Supervision of service processes: restarts after unexpected exits, with growing delays.

Each exit is recorded for `tandem status`. After MAX_EXITS exits within EXIT_WINDOW a process is not
restarted. A process that was stopped on purpose stays stopped.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from deploy.operations import dev_clock
from deploy.stack.process import ManagedProcess
from deploy.stack.services import ServiceProcesses

RESTART_DELAYS = (0.0, 1.0, 2.0, 5.0)
MAX_EXITS = 5
EXIT_WINDOW = 60.0
Outcome = Literal["restarted", "given up", "stack stopped"]


class UnexpectedExit(msgspec.Struct, frozen=True):
    """The exit of a process that was not stopped: its description, its time (UTC), and the outcome."""

    name: str
    description: str
    at: datetime
    outcome: Outcome


async def supervise(services: ServiceProcesses, report: Callable[[str], None]) -> None:
    """Supervise all service processes until cancelled. `report` receives a sentence for each unexpected exit."""
    async with asyncio.TaskGroup() as group:
        for name in services.modules:
            group.create_task(_supervise_one(services, name, report))
        await asyncio.Event().wait()


async def _supervise_one(services: ServiceProcesses, name: str, report: Callable[[str], None]) -> None:
    """Restart one process after each unexpected exit; return after too many."""
    exits: list[float] = []
    while True:
        child = await services.wait_exited(name)
        exits = [at for at in exits if time.monotonic() - at < EXIT_WINDOW] + [time.monotonic()]
        if len(exits) >= MAX_EXITS:
            record_exit(services.endpoints.var, child, "given up")
            report(f"{_sentence(child)}: it keeps exiting, so it stays stopped; see {child.log}.")
            return
        record_exit(services.endpoints.var, child, "restarted")
        report(f"{_sentence(child)}: restarting it.")
        await asyncio.sleep(RESTART_DELAYS[min(len(exits), len(RESTART_DELAYS)) - 1])
        await services.launch(name)


def _sentence(child: ManagedProcess) -> str:
    return f"{child.name} {child.describe_exit()}"


def record_exit(var: Path, child: ManagedProcess, outcome: Outcome) -> None:
    """Append the exit of a process to the exit log of the stack in `var`."""
    entry = UnexpectedExit(child.name, child.describe_exit(), dev_clock.real_now(), outcome)
    with _exit_log(var).open("ab") as lines:
        lines.write(msgspec.json.encode(entry) + b"\n")


def read_exits(var: Path) -> list[UnexpectedExit]:
    """All recorded exits of the stack in `var`, oldest first."""
    file = _exit_log(var)
    return msgspec.json.Decoder(UnexpectedExit).decode_lines(file.read_bytes()) if file.exists() else []


def clear_exits(var: Path) -> None:
    """Delete the exit log: it covers one run of the stack."""
    _exit_log(var).unlink(missing_ok=True)


def _exit_log(var: Path) -> Path:
    return var / "run/exits.jsonl"
