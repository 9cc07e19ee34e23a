"""One stack in a checkout at a time: which, who runs it, and how to end it."""

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from deploy.trouble import Trouble

LOCK = "lock"
TAKEN = "Tandem already runs in this folder: `make down` (or `tandem down`) ends it."


class Occupant(NamedTuple):
    """The process that runs a stack, and the stack's folder."""

    pid: int
    folder: Path


@contextlib.contextmanager
def occupied(var: Path, folder: Path) -> Iterator[None]:
    """Holds `var/lock` for a stack in `folder`; Trouble when another process holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (var / LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Trouble(TAKEN) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()} {folder}")
        lock.flush()
        yield


def occupant(var: Path) -> Occupant | None:
    """Who runs a stack, if anybody does."""
    if not (var / LOCK).exists():
        return None
    with (var / LOCK).open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            pid, _, folder = lock.read().partition(" ")
            return Occupant(int(pid), Path(folder)) if folder else None
    return None


def evict(var: Path, patience: float = 60) -> bool:
    """Ends what runs and waits until all of it is gone; False when nothing ran."""
    now = occupant(var)
    if now is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(now.pid, signal.SIGTERM)
    end = time.monotonic() + patience
    while occupant(var) is not None:
        if time.monotonic() > end:
            raise Trouble(f"Process {now.pid} did not end within {patience:.0f} s: end it with `kill -9 {now.pid}`.")
        time.sleep(0.05)
    return True
