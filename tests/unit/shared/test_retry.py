"""Retries of database work: for as long as it takes, and after the stop only for a while."""

import asyncio

import pytest

from shared.errors import Stopping
from shared.postgres import retry
from shared.postgres.retry import RetryLimit, retry_limit, retry_transient


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> RetryLimit:
    monkeypatch.setattr(retry, "TIME_AFTER_STOP", 0.05)
    monkeypatch.setattr(retry, "CLEANUP_TIME", 0)
    limit = RetryLimit()
    retry_limit.set(limit)
    return limit


async def refuse() -> None:
    raise ConnectionRefusedError


async def test_transient_errors_are_retried_until_the_work_succeeds() -> None:
    results = iter([OSError(), TimeoutError(), None])

    async def work() -> str:
        if error := next(results):
            raise error
        return "done"

    assert await retry_transient(work) == "done"


async def test_other_errors_propagate() -> None:
    async def work() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await retry_transient(work)


async def test_retries_end_soon_after_the_stop(limit: RetryLimit) -> None:
    task = asyncio.create_task(retry_transient(refuse))
    await asyncio.sleep(0.01)
    limit.stop()

    with pytest.raises(Stopping):
        await asyncio.wait_for(task, 1)


async def test_an_attempt_that_hangs_ends_soon_after_the_stop(limit: RetryLimit) -> None:
    task = asyncio.create_task(retry_transient(asyncio.Event().wait))
    await asyncio.sleep(0.01)
    limit.stop()

    with pytest.raises(Stopping):
        await asyncio.wait_for(task, 1)


async def test_work_that_succeeds_in_time_is_done_after_the_stop(limit: RetryLimit) -> None:
    limit.stop()

    assert await retry_transient(lambda: asyncio.sleep(0.01, "done")) == "done"


async def test_what_a_timeout_cannot_end_is_ended_with_the_time(limit: RetryLimit) -> None:
    ended = asyncio.Event()
    limit.at_end(ended.set)
    limit.stop()

    await asyncio.wait_for(ended.wait(), 1)
