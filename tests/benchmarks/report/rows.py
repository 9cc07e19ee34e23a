"""The table's rows: what was measured, against which reference of the same run, how it should be, how it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.metrics import Spread, spread


@dataclass
class Row:
    """One line; `absolute` says what stood behind the ratio. `reached`: 1 at the goal, more beyond it, 0 if not measured.

    `why`: where the time goes in a row that missed its goal.
    """

    name: str
    reference: str
    goal: str
    said: str
    met: bool
    reached: float
    absolute: str = ""
    why: str = ""
    figures: dict[str, Any] = field(default_factory=dict)


def ratio(name: str, reference: str, ratios: Sequence[float], bound: float, absolute: str, *, least: bool, digits: int = 2) -> Row:
    """A row whose figure is a ratio, one for each round: the median counts."""
    found = spread(ratios)
    said = f"{found.middle:.{digits}f} ({found.low:.{digits}f}–{found.high:.{digits}f})"
    met = found.middle >= bound if least else found.middle <= bound
    reached = found.middle / bound if least else bound / found.middle
    return Row(
        name, reference, f"{'≥' if least else '≤'} {bound:g} ×", said, met, reached, absolute, figures={"ratios": list(ratios)}
    )


def limits(name: str, found: dict[str, Spread], bounds: dict[str, float], unit: str, absolute: str = "") -> Row:
    """A row of figures that each stay below a bound of its own."""
    goal = ", ".join(f"{part} < {bound:g} {unit}" for part, bound in bounds.items())
    said = ", ".join(f"{part} {found[part].middle:.1f}" for part in bounds) + f" {unit}"
    met = all(found[part].middle < bound for part, bound in bounds.items())
    reached = min(bound / found[part].middle for part, bound in bounds.items())
    return Row(name, "–", goal, said, met, reached, absolute, figures={part: found[part]._asdict() for part in bounds})


def missing(name: str, reference: str, goal: str, why: str) -> Row:
    """A row that could not be measured counts as missed, and says why."""
    return Row(name, reference, goal, "not measured", False, 0.0, why)


def shown(figures: Sequence[float], form: Callable[[float], str]) -> str:
    """The median of several figures, in words."""
    return form(spread(figures).middle)
