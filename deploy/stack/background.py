"""Starts the supervisor in the background and waits until the house is open."""

import contextlib
import subprocess
import sys
import time
from pathlib import Path

from deploy.errors import UserError
from deploy.stack.async_main import run
from deploy.stack.current_stack import OWN, VAR
from deploy.stack.embedded import kafka_jars
from deploy.stack.instance_lock import lock_holder, taken
from deploy.stack.progress import Progress
from deploy.stack.supervisor import READY

LOOK = 0.1


def start(progress: Progress) -> None:
    """Returns when everything is ready; Trouble with what the supervisor said when it ends before. Ctrl-C ends it."""
    if now := lock_holder(VAR):
        raise taken(now)
    run(kafka_jars.fetch(progress))
    log, stage = OWN / "log/supervisor.log", OWN / "stage"
    log.parent.mkdir(parents=True, exist_ok=True)
    stage.unlink(missing_ok=True)
    with log.open("w") as output:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "deploy.stack.supervisor"], stdout=output, stderr=output, start_new_session=True
        )
    try:
        follow(supervisor, stage, log, progress)
    except KeyboardInterrupt:
        supervisor.terminate()
        supervisor.wait()
        raise


def follow(supervisor: "subprocess.Popen[bytes]", stage: Path, log: Path, progress: Progress) -> None:
    """Shows each stage until the last one."""
    seen = ""
    with contextlib.ExitStack() as shown:
        while seen != READY:
            if supervisor.poll() is not None:
                raise UserError(log.read_text().strip())
            if (now := stage.read_text() if stage.exists() else "") not in ("", seen, READY):
                shown.close()
                shown.enter_context(progress.step(now))
            seen = now or seen
            time.sleep(LOOK)
