"""Waiting for what a test expects to happen."""

import asyncio
from collections.abc import Awaitable, Callable


async def wait_until(condition: Callable[[], Awaitable[object]], seconds: float = 30, interval: float = 0.05) -> None:
    """Return once the condition is true. Raises `TimeoutError` after `seconds`."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - conditions are queries, not events
            await asyncio.sleep(interval)
