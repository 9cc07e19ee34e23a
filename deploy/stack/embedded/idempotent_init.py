"""A folder's data is made once and whole: an interrupted making starts over."""

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path


async def once(folder: Path, make: Callable[[], Awaitable[None]]) -> None:
    """Calls `make`, which fills `folder/data`, unless it has succeeded before."""
    made = folder / "made"
    if made.exists():
        return
    shutil.rmtree(folder / "data", ignore_errors=True)
    await make()
    made.touch()
