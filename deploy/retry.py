"""Retries of calls that fail for a transient reason."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def retry(call: Callable[[], Awaitable[T]], on: type[Exception], interval: float, attempts: int | None = None) -> T:
    """Call until it no longer raises `on`, every `interval` seconds; the last of `attempts` raises it."""
    tried = 0
    while True:
        try:
            return await call()
        except on:
            tried += 1
            if tried == attempts:
                raise
            await asyncio.sleep(interval)
