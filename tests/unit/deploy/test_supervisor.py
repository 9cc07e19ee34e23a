"""A service process that exits is restarted; when an infrastructure process exits, everything stops."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.errors import UserError
from deploy.stack import current_stack, status, supervisor
from deploy.stack.process import ManagedProcess, spawn
from deploy.stack.running_stack import RunningStack, record_failed_infrastructure
from deploy.stack.services import ServiceProcesses
from tests.unit.deploy.test_endpoints import ENDPOINTS

READY, FAILING = "tests.unit.deploy.ready_process", "tests.unit.deploy.failing_process"


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[ServiceProcesses]:
    processes = ServiceProcesses(replace(ENDPOINTS, var=tmp_path), {"intake": READY, "matching": READY})
    for name in processes.modules:
        await processes.start(name)
    yield processes
    await processes.stop_all()


async def wait_ready(services: ServiceProcesses, name: str, other_than: int = 0) -> ManagedProcess:
    """The process of this name, once one with another id than `other_than` is ready."""
    async with asyncio.timeout(20):
        while (child := services.children.get(name)) is None or child.process.pid == other_than:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        while not await child.logged_ready():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return child


async def kill(services: ServiceProcesses, name: str) -> int:
    """Kill a process from outside and return its id."""
    pid = (await wait_ready(services, name)).process.pid
    os.kill(pid, 9)
    return pid


async def start_postgres(var: Path) -> ManagedProcess:
    """A process in the role of PostgreSQL."""
    child = await spawn("postgres", [sys.executable, "-m", READY], var)
    await child.wait_until(child.logged_ready)
    return child


async def test_killed_service_is_restarted_while_the_work_continues(services: ServiceProcesses, tmp_path: Path) -> None:
    reports: list[str] = []

    async def work() -> str:
        await wait_ready(services, "intake", other_than=await kill(services, "intake"))
        return "done"

    assert await RunningStack(services.endpoints, services).supervised(work(), reports.append) == "done"
    assert reports == ["intake was killed by SIGKILL: restarting it."]
    assert "restarted 1 ×, last time killed by SIGKILL at 2" in status.restarts(tmp_path, "intake")


async def test_service_that_keeps_exiting_is_given_up_and_the_others_are_not(
    services: ServiceProcesses, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(supervisor, "RESTART_DELAYS", (0.0,))
    reports: list[str] = []
    services.modules["matching"] = FAILING  # type: ignore[index]

    async def work() -> None:
        await kill(services, "matching")
        async with asyncio.timeout(30):
            while len(reports) < supervisor.MAX_EXITS:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        await wait_ready(services, "intake", other_than=await kill(services, "intake"))

    await RunningStack(services.endpoints, services).supervised(work(), reports.append)

    assert reports[supervisor.MAX_EXITS - 1].startswith("matching exited with code 1: it keeps exiting, so it stays stopped")
    assert reports[supervisor.MAX_EXITS] == "intake was killed by SIGKILL: restarting it."
    outcomes = [exit.outcome for exit in supervisor.read_exits(tmp_path) if exit.name == "matching"]
    assert outcomes == ["restarted"] * 4 + ["given up"]


async def test_service_that_was_stopped_on_purpose_is_not_restarted(services: ServiceProcesses) -> None:
    reports: list[str] = []

    async def work() -> None:
        await services.kill("intake")
        await asyncio.sleep(0.5)
        assert "intake" not in services.children
        await services.start("intake")
        await asyncio.sleep(0.3)

    await RunningStack(services.endpoints, services).supervised(work(), reports.append)

    assert reports == []


async def test_exit_of_the_database_stops_everything_with_the_reason(services: ServiceProcesses, tmp_path: Path) -> None:
    up = tmp_path / "up"
    postgres = await start_postgres(up)

    async def work() -> None:
        os.kill(postgres.process.pid, 9)
        await asyncio.sleep(30)

    with pytest.raises(UserError, match="postgres was killed by SIGKILL, and nothing works without it: stopping everything"):
        await RunningStack(services.endpoints, services, [postgres]).supervised(work(), print)
    record_failed_infrastructure(up, [postgres])
    sentence = current_stack.describe_absence(tmp_path)
    assert sentence.startswith(f"Nothing runs in {tmp_path}: postgres was killed by SIGKILL at 2")
    assert sentence.endswith("`make up` continues with its data.")


async def test_exit_of_the_database_is_reported_rather_than_its_consequences(services: ServiceProcesses, tmp_path: Path) -> None:
    postgres = await start_postgres(tmp_path / "up")

    async def work() -> None:
        await postgres.kill()
        raise ConnectionError

    with pytest.raises(UserError, match="postgres was killed"):
        await RunningStack(services.endpoints, services, [postgres]).supervised(work(), print)


def test_absent_stack_is_described_with_how_to_start_one(tmp_path: Path) -> None:
    sentence = f"Nothing runs in {tmp_path}: `make up` (or `tandem up`) starts the stack and the services."
    assert current_stack.describe_absence(tmp_path) == sentence
