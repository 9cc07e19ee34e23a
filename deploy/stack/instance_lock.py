"""A lock that allows one stack per checkout: who holds it, and how to stop the holder."""

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from deploy.errors import UserError

LOCK = "lock"
UP = "up"
STOP_POLL_INTERVAL = 0.05


class LockHolder(NamedTuple):
    """The process that runs a stack, the stack's folder, and the start (seconds since the epoch)."""

    pid: int
    folder: Path
    since: float

    def __str__(self) -> str:
        command = "`make up`" if self.folder.name == UP else "a demo"
        return f"{command} (process {self.pid}, since {time.strftime('%H:%M %Z', time.localtime(self.since))})"


@contextlib.contextmanager
def instance_lock(var: Path, folder: Path) -> Iterator[None]:
    """Hold `var/lock` for a stack in `folder`. Raises UserError if another process holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (var / LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise already_running(var, lock_holder(var)) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()} {folder}")
        lock.flush()
        yield


@contextlib.contextmanager
def wait_for_lock(file: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold a lock on `file`; if another process holds it, call `on_wait` and wait until that process releases it or ends."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def already_running(var: Path, holder: LockHolder | None) -> UserError:
    """The error for a second start in the same folder."""
    return UserError(f"Tandem already runs in {var}: {holder or 'it just started'}. `make down` (or `tandem down`) stops it.")


def lock_holder(var: Path) -> LockHolder | None:
    """The process that runs a stack in `var`, if any."""
    if not (var / LOCK).exists():
        return None
    with (var / LOCK).open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            pid, _, folder = lock.read().partition(" ")
            return LockHolder(int(pid), Path(folder), os.fstat(lock.fileno()).st_mtime) if folder else None
    return None


def stop_holder(var: Path, timeout: float = 60) -> bool:
    """Stop the stack that runs in `var` and wait until it has ended; return False if none ran.

    Raises UserError if it still runs after `timeout` seconds.
    """
    holder = lock_holder(var)
    if holder is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(holder.pid, signal.SIGTERM)
    deadline = time.monotonic() + timeout
    while lock_holder(var) is not None:
        if time.monotonic() > deadline:
            raise UserError(f"Process {holder.pid} did not end within {timeout:.0f} s: end it with `kill -9 {holder.pid}`.")
        time.sleep(STOP_POLL_INTERVAL)
    return True
