"""Progress on a terminal: a moving line for each piece of work, and a line that stays when it is done."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars


class Terminal:
    """Shows while it is entered; where nobody watches (a pipe, a file), only the lines that stay."""

    def __init__(self, console: Console) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(10), TimeElapsedColumn())
        self.bars = Bars(*columns, console=console, disable=not console.is_terminal, transient=True)

    def __enter__(self) -> "Terminal":
        self.bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.bars.stop()

    @contextmanager
    def step(self, text: str, total: int | None = None) -> Iterator[Callable[[], None]]:
        since, task = time.monotonic(), self.bars.add_task(text, total=total)
        try:
            yield lambda: self.bars.advance(task)
        finally:
            self.bars.remove_task(task)
        self.say(f"✓ {text} ({time.monotonic() - since:.1f} s)")

    def say(self, text: str) -> None:
        self.bars.console.print(text, markup=False, highlight=False)
