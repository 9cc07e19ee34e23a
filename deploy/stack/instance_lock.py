"""One stack in a checkout at a time: which, who runs it, and how to end it."""

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from deploy.errors import UserError

LOCK = "lock"
UP = "up"


class LockHolder(NamedTuple):
    """The process that runs a stack, the stack's folder, and since when (seconds of the epoch)."""

    pid: int
    folder: Path
    since: float

    def __str__(self) -> str:
        what = "`make up`" if self.folder.name == UP else "a demo"
        return f"{what} (process {self.pid}, since {time.strftime('%H:%M', time.localtime(self.since))})"


@contextlib.contextmanager
def instance_lock(var: Path, folder: Path) -> Iterator[None]:
    """Holds `var/lock` for a stack in `folder`; Trouble when another process holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (var / LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise taken(lock_holder(var)) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()} {folder}")
        lock.flush()
        yield


def taken(by: LockHolder | None) -> UserError:
    return UserError(f"Tandem already runs in this folder: {by or 'it just started'}. `make down` (or `tandem down`) ends it.")


def lock_holder(var: Path) -> LockHolder | None:
    """Who runs a stack, if anybody does."""
    if not (var / LOCK).exists():
        return None
    with (var / LOCK).open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            pid, _, folder = lock.read().partition(" ")
            return LockHolder(int(pid), Path(folder), os.fstat(lock.fileno()).st_mtime) if folder else None
    return None


def stop_holder(var: Path, patience: float = 60) -> bool:
    """Ends what runs and waits until all of it is gone; False when nothing ran."""
    now = lock_holder(var)
    if now is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(now.pid, signal.SIGTERM)
    end = time.monotonic() + patience
    while lock_holder(var) is not None:
        if time.monotonic() > end:
            raise UserError(f"Process {now.pid} did not end within {patience:.0f} s: end it with `kill -9 {now.pid}`.")
        time.sleep(0.05)
    return True
