"""The process that runs a service, from its settings to its exit code."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any, Literal

import uvloop

from shared import clock
from shared.errors import TandemError
from shared.log import configure, log
from shared.runtime.gc_tuning import freeze_startup_objects
from shared.runtime.service import Service
from shared.settings import Settings

STOP_LIMIT = 14.0
"""Maximum number of seconds from a signal or an error to the exit."""


def run(build: Callable[[Settings], Service], process: Literal["worker", "pages"] = "worker") -> None:
    """Build a service from the settings of this process; run it until SIGTERM or SIGINT, then drain it.

    `process` tells the processes of one service apart in the log.

    An error of the service ends the process: a `TandemError` with its text, another error with its traceback.
    """
    settings = Settings.read()
    try:
        service = build(settings)
        configure(settings.log_level, service=service.name, process=process)
        clock.use_offset_file(settings.clock_file)
        uvloop.run(_run_until_signal(service, settings))
    except TandemError as error:
        raise SystemExit(str(error)) from None


async def _run_until_signal(service: Service, settings: Settings) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    stop_signal = asyncio.create_task(stop.wait())
    stop_signal.add_done_callback(lambda _: loop.call_later(STOP_LIMIT, _exit, 0))
    async with AsyncExitStack() as stack:
        started = asyncio.create_task(stack.enter_async_context(service.running(settings)))
        if await _completed_before(started, stop_signal):
            freeze_startup_objects()
            if await _completed_before(asyncio.create_task(service.wait_failed()), stop_signal):
                loop.call_later(STOP_LIMIT, _exit, 1)
    log.info("stopped")


def _exit(code: int) -> None:
    """End the process even if a part of it hangs, for example waiting for a response that never comes. A crash loses nothing."""
    log.error("stop_forced", seconds=STOP_LIMIT)
    os._exit(code)


async def _completed_before(task: asyncio.Task[Any], stop_signal: asyncio.Task[Any]) -> bool:
    """Wait for the first of both. Returns True, or raises the error of `task`, if `task` ended; cancels it otherwise."""
    await asyncio.wait([task, stop_signal], return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        task.cancel()
        await asyncio.wait([task])
        return False
    task.result()
    return True
