"""Progress of long operations: the protocol, and the implementations for a terminal and for unattended use."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Protocol

from rich import progress as rich_progress
from rich.console import Console


class Progress(Protocol):
    """Receiver of an operation's progress."""

    def step(self, text: str, total: int | None = None) -> AbstractContextManager[Callable[[], None]]:
        """Show one step while the context is entered; each call of the yielded function completes one of `total` parts."""

    def log(self, text: str) -> None:
        """Show one permanent line."""


class NullProgress:
    """Progress that is discarded: for tests and unattended operations."""

    @contextmanager
    def step(self, text: str, total: int | None = None) -> Iterator[Callable[[], None]]:
        yield lambda: None

    def log(self, text: str) -> None:
        return


class TerminalProgress:
    """A moving line for each step and a permanent line once it is done. Without a terminal, only the permanent lines."""

    def __init__(self, console: Console) -> None:
        columns = (
            rich_progress.SpinnerColumn(),
            rich_progress.TextColumn("{task.description}"),
            rich_progress.BarColumn(10),
            rich_progress.TimeElapsedColumn(),
        )
        self.bars = rich_progress.Progress(*columns, console=console, disable=not console.is_terminal, transient=True)

    def __enter__(self) -> "TerminalProgress":
        self.bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.bars.stop()

    @contextmanager
    def step(self, text: str, total: int | None = None) -> Iterator[Callable[[], None]]:
        started, task = time.monotonic(), self.bars.add_task(text, total=total)
        try:
            yield lambda: self.bars.advance(task)
        finally:
            self.bars.remove_task(task)
        self.log(f"✓ {text} ({time.monotonic() - started:.1f} s)")

    def log(self, text: str) -> None:
        self.bars.console.print(text, markup=False, highlight=False)
