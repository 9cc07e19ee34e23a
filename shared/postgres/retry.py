"""Retries database work while the database is unavailable."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import TypeVar

from shared.error_text import safe_error_text
from shared.errors import Stopping
from shared.log import log
from shared.postgres.transient_errors import TRANSIENT_ERRORS

T = TypeVar("T")
FIRST_DELAY, MAX_DELAY = 0.05, 2.0
TIME_AFTER_STOP = 7.0
"""Seconds that database work may take once the service was asked to stop, retries included."""

CLEANUP_TIME = 0.5
UNFINISHED_WORK = "the work in flight could not be finished before the service stopped; it is done again after the next start"


class RetryLimit:
    """Ends the retries of a service that stops: what is in flight at the stop has `TIME_AFTER_STOP` seconds left."""

    def __init__(self) -> None:
        self._deadline: float | None = None
        self._attempts, self._at_end = set[asyncio.Timeout](), list[Callable[[], None]]()

    def at_end(self, action: Callable[[], None]) -> None:
        """Register an action that runs `CLEANUP_TIME` seconds after the deadline.

        It ends what a timeout alone cannot, such as a silent connection.
        """
        self._at_end.append(action)

    def stop(self) -> None:
        """Set the deadline, `TIME_AFTER_STOP` seconds from now."""
        if self._deadline is None:
            loop = asyncio.get_running_loop()
            self._deadline = loop.time() + TIME_AFTER_STOP
            for action in self._at_end:
                loop.call_at(self._deadline + CLEANUP_TIME, action)
            for attempt in self._attempts:
                attempt.reschedule(self._deadline)

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """Limit an attempt, which may hang. Raises `TimeoutError` when the time is over."""
        async with asyncio.timeout_at(self._deadline) as attempt:
            self._attempts.add(attempt)
            try:
                yield
            finally:
                self._attempts.discard(attempt)

    async def wait(self, seconds: float) -> None:
        """Wait before the next attempt. Raises `Stopping` when the time is over."""
        await asyncio.sleep(min(seconds, self._time_left()))
        if not self._time_left():
            raise Stopping(UNFINISHED_WORK)

    def _time_left(self) -> float:
        if self._deadline is None:
            return float("inf")
        return max(self._deadline - asyncio.get_running_loop().time(), 0)


retry_limit: ContextVar[RetryLimit] = ContextVar("retry_limit", default=RetryLimit())  # noqa: B039 - the default never stops
"""The limit of the service that a task belongs to. A context variable, because every retry must know it."""


async def retry_transient(work: Callable[[], Awaitable[T]]) -> T:
    """Return the result of `work`, retrying transient errors with exponential backoff and jitter. Other errors propagate.

    Raises `Stopping` if the work could not be finished before the service stopped.
    """
    delay, limit = FIRST_DELAY, retry_limit.get()
    while True:
        try:
            async with limit.attempt():
                return await work()
        except TRANSIENT_ERRORS as error:
            detail = safe_error_text(error)
            log.warning("database_unavailable", error=type(error).__name__, detail=detail, seconds=round(delay, 2))
        await limit.wait(delay * random.uniform(0.7, 1.3))
        delay = min(delay * 2, MAX_DELAY)
