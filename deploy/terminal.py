"""Progress on a terminal: a line with a bar for each piece of work."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars


class Terminal:
    """Shows while it is entered; where nobody watches, only what each piece came to."""

    def __init__(self, console: Console) -> None:
        columns = (SpinnerColumn(finished_text="✓"), TextColumn("{task.description}"), BarColumn(20), MofNCompleteColumn())
        self.bars = Bars(*columns, TimeElapsedColumn(), console=console)

    def __enter__(self) -> "Terminal":
        self.bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.bars.stop()
        if not self.bars.console.is_terminal:
            self.bars.console.print()

    @contextmanager
    def step(self, text: str, total: int | None = None) -> Iterator[Callable[[], None]]:
        task = self.bars.add_task(text, total=total or 1)
        yield lambda: self.bars.advance(task)
        self.bars.update(task, completed=total or 1)

    def say(self, text: str) -> None:
        self.bars.console.print(text, markup=False, highlight=False)
