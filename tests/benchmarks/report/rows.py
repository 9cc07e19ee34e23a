"""The rows of the report: what was measured, its reference, its goal, and the result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.measurement.figures import spread

NO_REFERENCE = "–"


@dataclass
class Row:
    """One row. `reached` is 1 at the goal, more beyond it, and 0 if nothing was measured.

    `absolute` gives the absolute figures behind the result, `profile` is where the time goes in a row that missed its goal.
    """

    name: str
    reference: str
    goal: str
    result: str
    met: bool
    reached: float
    absolute: str = ""
    profile: str = ""
    figures: dict[str, Any] = field(default_factory=dict)


def ratio_row(
    name: str, reference: str, ratios: Sequence[float], bound: float, absolute: str, *, at_least: bool, digits: int = 2
) -> Row:
    """Return a row whose result is the median of the ratios, one ratio for each round."""
    found = spread(ratios)
    return Row(
        name=name,
        reference=reference,
        goal=f"{'≥' if at_least else '≤'} {bound:g} ×",
        result=f"{found.median:.{digits}f} ({found.low:.{digits}f}–{found.high:.{digits}f})",
        met=found.median >= bound if at_least else found.median <= bound,
        reached=found.median / bound if at_least else bound / found.median,
        absolute=absolute,
        figures={"ratios": list(ratios)},
    )


def limits_row(name: str, figures: Mapping[str, float], limits: Mapping[str, float], unit: str, absolute: str = "") -> Row:
    """Return a row of figures, each of which must stay below its limit."""
    return Row(
        name=name,
        reference=NO_REFERENCE,
        goal=", ".join(f"{part} < {limit:g} {unit}" for part, limit in limits.items()),
        result=", ".join(f"{part} {figures[part]:.1f}" for part in limits) + f" {unit}",
        met=all(figures[part] < limit for part, limit in limits.items()),
        reached=min(limit / figures[part] for part, limit in limits.items()),
        absolute=absolute,
        figures={part: figures[part] for part in limits},
    )


def failed_row(part: str, reason: str) -> Row:
    """Return the row of a part that could not be measured; it counts as missed."""
    return Row(part, NO_REFERENCE, "measured", "not measured", False, 0.0, reason)
