"""What is read off while something runs: processor time of processes, memory, how full a topic is; and figures made of it."""

import asyncio
import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from aiokafka import TopicPartition

TICK = os.sysconf("SC_CLK_TCK")
LOOK = 0.02
WARM = 0.05
"""The part of a run that is left out at its beginning."""


class Sample(NamedTuple):
    """How much was done by `at` (seconds), and the processor seconds used until then, by whom."""

    at: float
    done: int
    cpu: dict[str, float]


class Figures(NamedTuple):
    """Of one run: messages a second, processor microseconds a message by whom, megabytes of the measured processes."""

    rate: float
    cpu: dict[str, float]
    memory: float


class Spread(NamedTuple):
    """Several figures of the same thing."""

    middle: float
    low: float
    high: float


def spread(figures: Iterable[float]) -> Spread:
    """Median, lowest, highest."""
    known = list(figures)
    return Spread(median(known), min(known), max(known))


def percentile(figures: Sequence[float], part: float) -> float:
    """The figure that this part (0 to 1) of all lies below."""
    return sorted(figures)[min(len(figures) - 1, int(len(figures) * part))]


def cpu_of(pids: Iterable[int]) -> float:
    """Processor seconds of these processes, with those of their children that have ended."""
    return sum(_ticks(pid) for pid in pids) / TICK


def family(pid: int) -> list[int]:
    """A process with its children; PostgreSQL's connections are such."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *map(int, children)]


def _ticks(pid: int) -> int:
    """Of a process that has ended: none, as its parent has them now."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(int(field) for field in fields[11:15])


def memory_of(pids: Iterable[int]) -> float:
    """Megabytes resident now."""
    return sum(_pages(pid) for pid in pids) * os.sysconf("SC_PAGE_SIZE") / 2**20


def own_peak() -> float:
    """Megabytes that this program had resident at most. `getrusage` would count what its parent had, too."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def _pages(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0


async def ends(consumer: Any, topic: str, partitions: int = 12) -> int:
    """How many records a fresh topic holds."""
    found = await consumer.end_offsets([TopicPartition(topic, part) for part in range(partitions)])
    return sum(found.values())


async def sampled(done: Any, whole: int, people: dict[str, int], patience: float) -> list[Sample]:
    """Looks until `whole` is done. Raises TimeoutError, saying how far it came."""
    samples, until = list[Sample](), time.monotonic() + patience
    while not samples or samples[-1].done < whole:
        cpu = {name: cpu_of(family(pid)) for name, pid in people.items()}
        samples.append(Sample(time.perf_counter(), await done(), cpu))
        if time.monotonic() > until:
            raise TimeoutError(f"{samples[-1].done} of {whole} after {patience:.0f} s")
        await asyncio.sleep(LOOK)
    return samples


def rated(samples: Sequence[Sample], whole: int, ours: Sequence[str], memory: float) -> Figures:
    """Figures of the run of `whole` messages without its first moments."""
    first = next(s for s in samples if s.done >= whole * WARM)
    last = next(s for s in samples if s.done >= whole)
    handled = last.done - first.done
    used = {name: (last.cpu[name] - first.cpu[name]) / handled * 1e6 for name in last.cpu}
    summed = {"service": sum(used[name] for name in ours)} | {n: u for n, u in used.items() if n not in ours}
    return Figures(handled / (last.at - first.at), summed, memory)
