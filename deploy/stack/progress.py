"""How far a long piece of work is, told to whoever looks."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Progress(Protocol):
    """Who tells it: the terminal, a supervisor's state file, nobody."""

    def step(self, text: str, total: int | None = None) -> AbstractContextManager[Callable[[], None]]:
        """One piece of work by its name; the callable it yields counts one of `total` as done."""

    def say(self, text: str) -> None:
        """One line that stays."""


class NullProgress:
    """Tells nobody: tests, and what runs unattended."""

    @contextmanager
    def step(self, text: str, total: int | None = None) -> Iterator[Callable[[], None]]:
        yield lambda: None

    def say(self, text: str) -> None:
        return
