"""Several things at once, failing as one."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any


async def together(work: Iterable[Coroutine[Any, Any, object]], done: Callable[[], None]) -> None:
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
