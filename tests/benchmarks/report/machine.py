"""The machine that absolute figures come from: they mean nothing without it."""

import os
import platform
import time
from pathlib import Path

import asyncpg

FLUSHES = 50


def described(folder: Path) -> dict[str, str]:
    """Processor, memory, systems, what a flush to the disk of `folder` takes, and how busy the machine is with other things."""
    return {
        "processor": f"{_named('/proc/cpuinfo', 'model name')} × {os.cpu_count()}",
        "memory": f"{int(_named('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.0f} GB",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "flush": f"{_flush(folder):.2f} ms",
        "load before": " ".join(f"{load:.1f}" for load in os.getloadavg()),
    }


async def versions(admin: asyncpg.Connection) -> dict[str, str]:
    """What the stack is made of."""
    return {"PostgreSQL": str(await admin.fetchval("SHOW server_version")), "fsync": str(await admin.fetchval("SHOW fsync"))}


def _named(file: str, name: str) -> str:
    lines = Path(file).read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "unknown")


def _flush(folder: Path) -> float:
    """Milliseconds to write a page and have it on the disk."""
    file = folder / "flush"
    with file.open("wb") as out:
        begun = time.perf_counter()
        for _ in range(FLUSHES):
            out.write(bytes(8192))
            out.flush()
            os.fdatasync(out.fileno())
        took = time.perf_counter() - begun
    file.unlink()
    return took / FLUSHES * 1e3
