"""Service processes are started, killed and restarted by name."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.errors import UserError
from deploy.stack.services import ServiceProcesses
from tests.unit.deploy.test_endpoints import ENDPOINTS

MODULES = {"intake": "tests.unit.deploy.ready_process", "matching": "tests.unit.deploy.failing_process"}


@pytest.fixture
def services(tmp_path: Path) -> ServiceProcesses:
    return ServiceProcesses(replace(ENDPOINTS, var=tmp_path), MODULES)


def pid(services: ServiceProcesses, name: str) -> int:
    return int((services.endpoints.var / f"run/{name}.pid").read_text())


async def test_start_returns_once_the_process_is_ready(services: ServiceProcesses) -> None:
    await services.start("intake")

    os.kill(pid(services, "intake"), 0)
    await services.stop_all()


async def test_process_that_cannot_start_is_reported_with_the_end_of_its_log(services: ServiceProcesses) -> None:
    with pytest.raises(UserError, match=r"matching exited with code 1; .*\nthe policy is not valid"):
        await services.start("matching")


async def test_killed_process_can_be_started_again(services: ServiceProcesses) -> None:
    await services.start("intake")
    before = pid(services, "intake")
    await services.kill("intake")

    await services.start("intake")

    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)
    assert pid(services, "intake") != before
    await services.stop_all()
