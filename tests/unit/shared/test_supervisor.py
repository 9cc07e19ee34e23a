"""When a service fails, and what its stop waits for."""

import asyncio

import pytest
from structlog.testing import capture_logs

from shared.runtime.supervisor import Supervisor
from shared.runtime.wakeups import Wakeups


@pytest.fixture
def wakeups() -> Wakeups:
    return Wakeups()


@pytest.fixture
def supervisor(wakeups: Wakeups) -> Supervisor:
    return Supervisor(wakeups)


async def test_an_error_of_a_task_fails_the_service(supervisor: Supervisor) -> None:
    async def broken() -> None:
        raise LookupError("broken")

    async with supervisor.running([broken()]):
        await supervisor.wait_failed()

    with pytest.raises(LookupError, match="broken"):
        supervisor.raise_failure()


async def test_a_task_that_ends_before_the_stop_fails_the_service(supervisor: Supervisor) -> None:
    async with supervisor.running([asyncio.sleep(0)]):
        await supervisor.wait_failed()

    with pytest.raises(RuntimeError, match="ended before the stop"):
        supervisor.raise_failure()


async def test_a_task_may_finish_what_is_in_flight_at_the_stop(supervisor: Supervisor, wakeups: Wakeups) -> None:
    finished = []

    async def work() -> None:
        while await wakeups.sleep_until_stop(60):
            pass
        await asyncio.sleep(0.01)
        finished.append(True)

    async with supervisor.running([work()]):
        await asyncio.sleep(0)

    supervisor.raise_failure()
    assert finished == [True]


async def test_a_task_that_does_not_stop_in_time_is_cancelled(supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.runtime.supervisor.STOP_TIMEOUT", 0.01)

    with capture_logs() as lines:
        async with supervisor.running([asyncio.sleep(60)]):
            await asyncio.sleep(0)

    supervisor.raise_failure()
    assert lines == [{"event": "stop_timed_out", "log_level": "warning", "task": "sleep", "seconds": 0.01}]


async def test_a_commit_wakes_a_worker_once(wakeups: Wakeups) -> None:
    event = wakeups.commit_event()
    wakeups.notify_waiters()

    assert await wakeups.sleep_until_stop(60, event)
    assert not event.is_set()


@pytest.mark.parametrize("of_commits", [True, False])
async def test_the_stop_ends_a_sleep_that_waits_for_an_event(wakeups: Wakeups, of_commits: bool) -> None:
    event = wakeups.commit_event() if of_commits else asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, wakeups.stop)

    async with asyncio.timeout(5):
        assert not await wakeups.sleep_until_stop(60, event)


async def test_a_sleep_without_an_event_lasts_until_its_end(wakeups: Wakeups) -> None:
    assert await wakeups.sleep_until_stop(0)
    assert await wakeups.sleep_until_stop(0.01, asyncio.Event())
