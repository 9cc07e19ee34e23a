"""A service that ends by itself is started again; what it stands on may not end."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.errors import UserError
from deploy.stack import current_stack, exit_log, process_status, restart_policy
from deploy.stack.process import ManagedProcess, spawn
from deploy.stack.running_stack import RunningStack, record
from deploy.stack.services import ServiceProcesses
from tests.unit.deploy.test_endpoints import HERE

MODULES = {"intake": "tests.unit.deploy.willing", "matching": "tests.unit.deploy.willing"}


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[ServiceProcesses]:
    processes = ServiceProcesses(replace(HERE, var=tmp_path), dict(MODULES))
    for name in MODULES:
        await processes.start(name)
    yield processes
    await processes.stop_all()


async def until_ready(fleet: ServiceProcesses, name: str, other_than: int = 0) -> ManagedProcess:
    """The child of this name, as soon as one that is not the former is ready."""
    async with asyncio.timeout(20):
        while (child := fleet.children.get(name)) is None or child.process.pid == other_than:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        while not await child.said_ready():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return child


async def kill(fleet: ServiceProcesses, name: str) -> int:
    """As the machine would: nobody told the fleet."""
    pid = (await until_ready(fleet, name)).process.pid
    os.kill(pid, 9)
    return pid


async def ground(var: Path) -> ManagedProcess:
    """A process that stands for PostgreSQL."""
    child = await spawn("postgres", [sys.executable, "-m", "tests.unit.deploy.willing"], var)
    await child.until(child.said_ready)
    return child


async def test_a_service_that_was_killed_is_started_again_and_the_work_goes_on(fleet: ServiceProcesses, tmp_path: Path) -> None:
    said: list[str] = []

    async def work() -> str:
        await until_ready(fleet, "intake", other_than=await kill(fleet, "intake"))
        return "played"

    assert await RunningStack(fleet.endpoints, fleet).kept(work(), said.append) == "played"
    assert said == ["intake was killed by SIGKILL: it is started again."]
    assert "started again 1 × (last: was killed by SIGKILL at 2" in process_status.again(tmp_path, "intake")


async def test_what_keeps_ending_is_given_up_and_the_others_go_on(
    fleet: ServiceProcesses, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(restart_policy, "PAUSES", (0.0,))
    said: list[str] = []
    fleet.modules["matching"] = "tests.unit.deploy.failing"  # type: ignore[index]

    async def work() -> None:
        await kill(fleet, "matching")
        async with asyncio.timeout(30):
            while len(said) < restart_policy.MANY:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        await until_ready(fleet, "intake", other_than=await kill(fleet, "intake"))

    await RunningStack(fleet.endpoints, fleet).kept(work(), said.append)

    assert said[restart_policy.MANY - 1].startswith("matching ended with code 1: it ends again and again, so it stays down")
    assert said[restart_policy.MANY] == "intake was killed by SIGKILL: it is started again."
    assert [ending.then for ending in exit_log.read(tmp_path) if ending.name == "matching"] == ["again"] * 4 + ["given up"]


async def test_what_was_stopped_on_purpose_is_not_started_twice(fleet: ServiceProcesses) -> None:
    said: list[str] = []

    async def work() -> None:
        await fleet.kill("intake")
        await asyncio.sleep(0.5)
        assert "intake" not in fleet.children
        await fleet.start("intake")
        await asyncio.sleep(0.3)

    await RunningStack(fleet.endpoints, fleet).kept(work(), said.append)

    assert said == []


async def test_when_the_ground_ends_everything_ends_and_says_why(fleet: ServiceProcesses, tmp_path: Path) -> None:
    up = tmp_path / "up"
    children = [await ground(up)]
    house = RunningStack(fleet.endpoints, fleet, children)

    async def work() -> None:
        os.kill(children[0].process.pid, 9)
        await asyncio.sleep(30)

    with pytest.raises(UserError, match="postgres was killed by SIGKILL, and nothing works without it: everything ends"):
        await house.kept(work(), print)
    record(up, children)
    assert current_stack.nothing(tmp_path).startswith("Nothing runs here: postgres was killed by SIGKILL at 2")
    assert current_stack.nothing(tmp_path).endswith("`make up` goes on where it was.")


async def test_the_end_of_the_ground_is_told_rather_than_what_came_of_it(fleet: ServiceProcesses, tmp_path: Path) -> None:
    child = await ground(tmp_path / "up")

    async def work() -> None:
        await child.kill()
        raise ConnectionError

    with pytest.raises(UserError, match="postgres was killed"):
        await RunningStack(fleet.endpoints, fleet, [child]).kept(work(), print)


def test_where_nothing_ended_by_itself_it_says_how_to_start(tmp_path: Path) -> None:
    assert current_stack.nothing(tmp_path) == "Nothing runs here: `make up` (or `tandem up`) starts the stack and the services."
