"""asyncio helpers: run a command until a signal, start several tasks that fail as one, finish a cleanup despite cancellation."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")
EXIT_CODE_INTERRUPTED = 130
THREAD_SHUTDOWN_TIMEOUT = 2.0


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine. SIGINT, SIGTERM and SIGHUP cancel it and end this process once its cleanup is done."""

    async def run_until_signal() -> T:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, task.cancel)
        try:
            return await main
        except asyncio.CancelledError:
            await _exit(loop)
            raise

    return asyncio.run(run_until_signal())


async def _exit(loop: asyncio.AbstractEventLoop) -> None:
    """End the process without waiting long for its threads: one may be blocked on a network that does not answer."""
    await asyncio.wait([loop.create_task(loop.shutdown_default_executor())], timeout=THREAD_SHUTDOWN_TIMEOUT)
    sys.stdout.flush()
    os._exit(EXIT_CODE_INTERRUPTED)


async def gather_or_cancel(coroutines: Iterable[Coroutine[Any, Any, object]], on_done: Callable[[], None]) -> None:
    """Run all concurrently and call `on_done` after each. The first failure cancels the others and is raised as it is."""

    async def run_one(coroutine: Coroutine[Any, Any, object]) -> None:
        await coroutine
        on_done()

    try:
        async with asyncio.TaskGroup() as group:
            for coroutine in coroutines:
                group.create_task(run_one(coroutine))
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def finish(cleanup: Coroutine[Any, Any, object]) -> None:
    """Await a cleanup to its end, even if the caller is cancelled meanwhile; the cancellation is raised afterwards."""
    task = asyncio.ensure_future(cleanup)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
