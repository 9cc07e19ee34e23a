"""One-time initialisation of a data folder; an interrupted one starts over."""

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path


async def initialise_once(folder: Path, initialise: Callable[[], Awaitable[None]]) -> None:
    """Call `initialise`, which fills `folder/data`, unless it has succeeded before."""
    marker = folder / "initialised"
    if marker.exists():
        return
    shutil.rmtree(folder / "data", ignore_errors=True)
    await initialise()
    marker.touch()
