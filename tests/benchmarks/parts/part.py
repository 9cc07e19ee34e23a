"""The type of a part: rows that are measured together."""

from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

from tests.benchmarks.environment import Environment
from tests.benchmarks.report.rows import Row

Advance = Callable[[], None]
"""Called after each of the part's steps, for its progress bar."""


class Part(NamedTuple):
    """A part: `measure` yields each row as soon as it is known. After `max_seconds` the part is cancelled."""

    name: str
    steps: int
    max_seconds: float
    measure: Callable[[Environment, Advance], AsyncIterator[Row]]
