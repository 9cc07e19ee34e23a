"""Figures computed from samples."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

WARM_UP_SHARE = 0.05
"""Share of a run's messages that is not measured at its beginning."""


class Sample(NamedTuple):
    """A moment of a run: the time in seconds, messages processed so far, and CPU seconds used so far by each process."""

    at: float
    processed: int
    cpu: Mapping[str, float]


class Figures(NamedTuple):
    """Figures of one run: messages per second, CPU microseconds per message, megabytes of the measured processes.

    `cpu` has the keys `service` (all measured processes), `postgres` and `kafka`.
    """

    rate: float
    cpu: Mapping[str, float]
    memory: float


class Spread(NamedTuple):
    """Median, lowest and highest of several figures."""

    median: float
    low: float
    high: float


def spread(figures: Iterable[float]) -> Spread:
    values = list(figures)
    return Spread(median(values), min(values), max(values))


def percentile(figures: Sequence[float], share: float) -> float:
    """Return the figure below which this share (0 to 1) of the figures lies."""
    return sorted(figures)[min(len(figures) - 1, int(len(figures) * share))]


def figures_of(samples: Sequence[Sample], total: int, measured: Sequence[str], memory: float) -> Figures:
    """Return the figures of a run of `total` messages, without its warm-up. `measured` are the names of the measured processes."""
    first = next(sample for sample in samples if sample.processed >= total * WARM_UP_SHARE)
    last = next(sample for sample in samples if sample.processed >= total)
    processed = last.processed - first.processed
    cpu = {name: (last.cpu[name] - first.cpu[name]) / processed * 1e6 for name in last.cpu}
    others = {name: micros for name, micros in cpu.items() if name not in measured}
    return Figures(processed / (last.at - first.at), {"service": sum(cpu[name] for name in measured)} | others, memory)
