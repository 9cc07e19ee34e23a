"""CPU time and memory of processes, from /proc."""

import os
from collections.abc import Iterable
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds of a process and its children, which include PostgreSQL's connections; ended ones count."""
    return sum(map(_ticks, [pid, *_children(pid)])) / TICKS_PER_SECOND


def _children(pid: int) -> list[int]:
    try:
        return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except OSError:
        return []


def _ticks(pid: int) -> int:
    """Return the ticks of a process and its ended children; 0 if it has ended, because its parent counts them."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(int(field) for field in fields[11:15])


def memory_megabytes(pids: Iterable[int]) -> float:
    """Return the resident memory of these processes."""
    return sum(_resident_pages(pid) for pid in pids) * PAGE_BYTES / 2**20


def _resident_pages(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0


def own_peak_megabytes() -> float:
    """Return the highest resident memory of this process so far. `getrusage` would include that of its parent."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024
