"""How a command runs its asynchronous part: a polite signal ends it the way Ctrl-C does, cleaning up behind it."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs it; Ctrl-C, SIGTERM and SIGHUP raise KeyboardInterrupt, after everything that was started has been stopped."""

    async def cancelled_by_signals() -> T:
        task = asyncio.current_task()
        assert task is not None
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        return await main

    try:
        return asyncio.run(cancelled_by_signals())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
