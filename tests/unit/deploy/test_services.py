"""Processes are started, watched, killed and started again by name."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.errors import UserError
from deploy.stack.services import ServiceProcesses
from tests.unit.deploy.test_endpoints import HERE

MODULES = {"intake": "tests.unit.deploy.willing", "matching": "tests.unit.deploy.failing"}


@pytest.fixture
def fleet(tmp_path: Path) -> ServiceProcesses:
    return ServiceProcesses(replace(HERE, var=tmp_path), MODULES)


def pid(fleet: ServiceProcesses, name: str) -> int:
    return int((fleet.endpoints.var / f"run/{name}.pid").read_text())


async def test_a_process_is_started_when_it_says_that_it_is_ready(fleet: ServiceProcesses) -> None:
    await fleet.start("intake")

    os.kill(pid(fleet, "intake"), 0)
    await fleet.stop_all()


async def test_a_process_that_cannot_start_is_reported_with_the_end_of_its_log(fleet: ServiceProcesses) -> None:
    with pytest.raises(UserError, match=r"matching ended with code 1; .*\nthe policy is not valid"):
        await fleet.start("matching")


async def test_a_killed_process_can_be_started_again(fleet: ServiceProcesses) -> None:
    await fleet.start("intake")
    before = pid(fleet, "intake")
    await fleet.kill("intake")

    await fleet.start("intake")

    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)
    assert pid(fleet, "intake") != before
    await fleet.stop_all()
