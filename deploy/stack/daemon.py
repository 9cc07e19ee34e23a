"""The stack in the background: `tandem up` starts `python -m deploy.stack.daemon`, `tandem down` ends it."""

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.async_tools import run
from deploy.errors import UserError
from deploy.operations import dev_clock
from deploy.stack.current_stack import UP_FOLDER, VAR
from deploy.stack.embedded import kafka_jars
from deploy.stack.instance_lock import already_running, instance_lock, lock_holder
from deploy.stack.progress import Progress
from deploy.stack.running_stack import running_stack

READY = "ready"
POLL_INTERVAL = 0.1
LOG = UP_FOLDER / "log/supervisor.log"
PROGRESS_FILE = UP_FOLDER / "progress"


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
    """Start the daemon and return once everything is ready. Raises UserError with its log if it exits first; Ctrl-C ends it."""
    if holder := lock_holder(VAR):
        raise already_running(holder)
    run(kafka_jars.fetch(progress))
    LOG.parent.mkdir(parents=True, exist_ok=True)
    PROGRESS_FILE.unlink(missing_ok=True)
    with LOG.open("w") as output:
        command = [sys.executable, "-m", "deploy.stack.daemon"]
        daemon = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    try:
        _follow(daemon, progress)
    except KeyboardInterrupt:
        daemon.terminate()
        daemon.wait()
        raise


def _follow(daemon: "subprocess.Popen[bytes]", progress: Progress) -> None:
    """Show each step that the daemon reports until it is ready."""
    shown = ""
    with contextlib.ExitStack() as step:
        while shown != READY:
            if daemon.poll() is not None:
                raise UserError(LOG.read_text().strip())
            current = PROGRESS_FILE.read_text() if PROGRESS_FILE.exists() else ""
            if current not in ("", shown, READY):
                step.close()
                step.enter_context(progress.step(current))
            shown = current or shown
            time.sleep(POLL_INTERVAL)


async def main() -> None:
    progress = ProgressFile(PROGRESS_FILE)
    with instance_lock(VAR, UP_FOLDER):
        async with running_stack(UP_FOLDER, progress) as stack:
            progress.log(READY)
            await stack.supervised(asyncio.Event().wait(), _log)


def _log(text: str) -> None:
    print(f"{dev_clock.real_now():%Y-%m-%d %H:%M:%S} UTC {text}", flush=True)


if __name__ == "__main__":
    try:
        run(main())
    except UserError as error:
        sys.exit(str(error))
