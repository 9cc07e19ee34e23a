"""Retries database work while the database is unavailable."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared.error_text import safe_error_text
from shared.log import log
from shared.postgres.transient_errors import TRANSIENT_ERRORS

T = TypeVar("T")
FIRST_DELAY, MAX_DELAY = 0.05, 2.0


async def retry_transient(work: Callable[[], Awaitable[T]]) -> T:
    """Return the result of `work`, retrying transient errors with exponential backoff and jitter. Other errors propagate."""
    delay = FIRST_DELAY
    while True:
        try:
            return await work()
        except TRANSIENT_ERRORS as error:
            detail = safe_error_text(error)
            log.warning("database_unavailable", error=type(error).__name__, detail=detail, seconds=round(delay, 2))
        await asyncio.sleep(delay * random.uniform(0.7, 1.3))
        delay = min(delay * 2, MAX_DELAY)
