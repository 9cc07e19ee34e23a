"""Watches the tasks of a service."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from shared.error_text import safe_error_text
from shared.errors import Stopping
from shared.log import log
from shared.runtime.wakeups import Wakeups

STOP_TIMEOUT = 8.0
"""Seconds that a task may take to finish its work in flight after it was asked to stop."""


class Supervisor:
    """Fails the service when a task raises, or ends before the stop.

    Not an `asyncio.TaskGroup`, which would cancel the other tasks at the first error: here they are asked to stop and may drain.
    """

    def __init__(self, wakeups: Wakeups) -> None:
        self._wakeups, self._failed = wakeups, asyncio.Event()
        self._error: BaseException | None = None

    @asynccontextmanager
    async def running(self, coroutines: Iterable[Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
        """Run these coroutines concurrently; at the exit ask all workers to stop, and cancel those that do not in time."""
        tasks = [self.supervise(coroutine) for coroutine in coroutines]
        try:
            yield
        finally:
            self.stop()
            await drain(tasks)

    def supervise(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(coroutine)
        task.add_done_callback(self._on_task_done)
        return task

    def stop(self) -> None:
        """Ask all workers to stop; from now on a task may end."""
        self._wakeups.stop()

    def fail(self, error: BaseException) -> None:
        """Log `error`, and let the service fail with the first one.

        `Stopping` is only logged: it is how work ends at shutdown.
        """
        if isinstance(error, Stopping):
            log.warning("stopped_during_outage", detail=str(error))
            return
        log.error("service_failed", error=type(error).__name__, detail=safe_error_text(error))
        if self._error is None:
            self._error = error
        self._failed.set()

    async def wait_failed(self) -> None:
        await self._failed.wait()

    def raise_failure(self) -> None:
        """Raise the first error, if there was one."""
        if self._error is not None:
            raise self._error

    def _on_task_done(self, task: asyncio.Task[None]) -> None:
        if task.cancelled():
            return
        if error := task.exception():
            self.fail(error)
        elif not self._wakeups.stopping:
            self.fail(RuntimeError(f"{task.get_coro()} ended before the stop"))


async def drain(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Wait for tasks that have been asked to stop; cancel those that take longer than `STOP_TIMEOUT`, and log that."""
    _, late = await asyncio.wait(tasks, timeout=STOP_TIMEOUT)
    for task in late:
        log.warning("stop_timed_out", task=getattr(task.get_coro(), "__qualname__", None), seconds=STOP_TIMEOUT)
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
