"""Replaces public functions of the product in this process alone."""

from collections.abc import Callable
from typing import Any


def replace(owner: Any, name: str, replacement: Any) -> None:
    """Replace an attribute of a module or class."""
    setattr(owner, name, replacement)


def call_before(owner: Any, name: str, hook: Callable[[], None]) -> None:
    """Call `hook` before each call of an async function."""
    original = getattr(owner, name)

    async def wrapper(*arguments: Any, **named: Any) -> Any:
        hook()
        return await original(*arguments, **named)

    replace(owner, name, wrapper)


def call_after(owner: Any, name: str, hook: Callable[[], None]) -> None:
    """Call `hook` after each call of an async function that returned."""
    original = getattr(owner, name)

    async def wrapper(*arguments: Any, **named: Any) -> Any:
        result = await original(*arguments, **named)
        hook()
        return result

    replace(owner, name, wrapper)
