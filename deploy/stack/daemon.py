"""The stack in the background: `tandem up` starts `python -m deploy.stack.daemon`, `tandem down` ends it."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.async_tools import run
from deploy.error_messages import exit_with_message
from deploy.errors import UserError
from deploy.operations import dev_clock
from deploy.stack.current_stack import ROOT, UP_FOLDER, VAR, VAR_VARIABLE
from deploy.stack.embedded import kafka_jars
from deploy.stack.instance_lock import UP, already_running, instance_lock, lock_holder, wait_for_lock
from deploy.stack.progress import Progress
from deploy.stack.running_stack import running_stack

READY = "ready"
POLL_INTERVAL = 0.1
LOG = UP_FOLDER / "log/supervisor.log"
PROGRESS_FILE = UP_FOLDER / "progress"
START_LOCK = UP_FOLDER / "starting"
"""Held while an `up` starts the stack: a second one waits and then joins it."""
NO_REASON = f"The stack was ended before it was ready, and left no reason in {LOG}: `make up` starts it again."


class ProgressFile:
    """Progress as a file that holds the current step, for `start` to follow."""

    def __init__(self, file: Path) -> None:
        self.file = file

    @contextmanager
    def step(self, text: str, total: int | None = None) -> Iterator[Callable[[], None]]:
        self.log(text)
        yield lambda: None

    def log(self, text: str) -> None:
        self.file.write_text(text)


def start(progress: Progress) -> None:
    """Start the daemon, or join the one that runs, and return once everything is ready. Ctrl-C ends what this call started.

    Raises UserError with the reason if the daemon exits first, or if a demo runs.
    """
    with wait_for_lock(START_LOCK, lambda: progress.log("Another `up` is starting the stack; waiting for it.")):
        if holder := lock_holder(VAR):
            if holder.folder.name != UP:
                raise already_running(VAR, holder)
            _follow(lambda: lock_holder(VAR) is None, progress)
        else:
            _start(progress)


def _start(progress: Progress) -> None:
    run(kafka_jars.fetch(progress))
    LOG.parent.mkdir(parents=True, exist_ok=True)
    PROGRESS_FILE.unlink(missing_ok=True)
    with LOG.open("w") as output:
        command, environment = [sys.executable, "-m", "deploy.stack.daemon"], os.environ | {VAR_VARIABLE: str(VAR)}
        daemon = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True, cwd=ROOT, env=environment)
    try:
        _follow(lambda: daemon.poll() is not None, progress)
    except KeyboardInterrupt:
        daemon.terminate()
        daemon.wait()
        raise


def _follow(has_ended: Callable[[], bool], progress: Progress) -> None:
    """Show each step that the daemon reports until it is ready."""
    shown = ""
    with contextlib.ExitStack() as step:
        while shown != READY:
            if has_ended():
                raise UserError(LOG.read_text().strip() or NO_REASON)
            current = PROGRESS_FILE.read_text() if PROGRESS_FILE.exists() else ""
            if current not in ("", shown, READY):
                step.close()
                step.enter_context(progress.step(current))
            shown = current or shown
            time.sleep(POLL_INTERVAL)


async def main() -> None:
    progress = ProgressFile(PROGRESS_FILE)
    with instance_lock(VAR, UP_FOLDER):
        try:
            async with running_stack(UP_FOLDER, progress) as stack:
                progress.log(READY)
                await stack.supervised(asyncio.Event().wait(), _log)
        except asyncio.CancelledError:
            _log("Stopped, by `tandem down` or another signal. `make up` starts it again.")
            raise


def _log(text: str) -> None:
    print(f"{dev_clock.real_now():%Y-%m-%d %H:%M:%S} UTC {text}", flush=True)


if __name__ == "__main__":
    with exit_with_message():
        run(main())
