"""The machine that the absolute figures depend on."""

import os
import platform
import time
from pathlib import Path

import asyncpg

FLUSHES = 50
PAGE = bytes(8192)


def describe_machine(folder: Path) -> dict[str, str]:
    """Describe processor, memory, system, the time of a flush to the disk of `folder`, and the load by other programs."""
    return {
        "processor": f"{_proc_value('/proc/cpuinfo', 'model name')} × {os.cpu_count()}",
        "memory": f"{int(_proc_value('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.0f} GB",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "flush": f"{_flush_milliseconds(folder):.2f} ms",
        "load before": " ".join(f"{load:.1f}" for load in os.getloadavg()),
    }


async def describe_database(admin: asyncpg.Connection) -> dict[str, str]:
    """Describe the PostgreSQL server."""
    return {"PostgreSQL": str(await admin.fetchval("SHOW server_version")), "fsync": str(await admin.fetchval("SHOW fsync"))}


def _proc_value(file: str, name: str) -> str:
    lines = Path(file).read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "unknown")


def _flush_milliseconds(folder: Path) -> float:
    """Return the time to write a page and flush it to the disk."""
    file = folder / "flush"
    with file.open("wb") as out:
        started = time.perf_counter()
        for _ in range(FLUSHES):
            out.write(PAGE)
            out.flush()
            os.fdatasync(out.fileno())
        seconds = time.perf_counter() - started
    file.unlink()
    return seconds / FLUSHES * 1e3
