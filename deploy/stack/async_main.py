"""How a command runs its asynchronous part: a polite signal ends it the way Ctrl-C does, cleaning up behind it."""

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
INTERRUPTED = 130
GRACE = 2.0


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs it. Ctrl-C, SIGTERM and SIGHUP end this process, after everything that was started has been stopped."""

    async def ended_by_signals() -> T:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, task.cancel)
        try:
            return await main
        except asyncio.CancelledError:
            await leave(loop)
            raise

    return asyncio.run(ended_by_signals())


async def leave(loop: asyncio.AbstractEventLoop) -> None:
    """Ends the process, without waiting long for threads: one may wait for a network that does not answer."""
    await asyncio.wait([loop.create_task(loop.shutdown_default_executor())], timeout=GRACE)
    sys.stdout.flush()
    os._exit(INTERRUPTED)
