"""Several things at once, failing as one."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any


async def run_all(work: Iterable[Coroutine[Any, Any, object]], done: Callable[[], None]) -> None:
    """Runs all side by side, `done` after each; the first failure cancels the others and is what the caller sees."""

    async def one(piece: Coroutine[Any, Any, object]) -> None:
        await piece
        done()

    try:
        async with asyncio.TaskGroup() as group:
            for piece in work:
                group.create_task(one(piece))
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def to_the_end(work: Coroutine[Any, Any, object]) -> None:
    """Awaits it even when cancelled meanwhile; the cancellation goes on afterwards."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
