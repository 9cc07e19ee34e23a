"""Starts the supervisor in the background and waits until the house is open."""

import contextlib
import subprocess
import sys
import time
from pathlib import Path

from deploy.embedded import jars
from deploy.entry import run
from deploy.occupancy import occupant, taken
from deploy.progress import Progress
from deploy.running import OWN, VAR
from deploy.supervisor import READY
from deploy.trouble import Trouble

LOOK = 0.1


def start(progress: Progress) -> None:
    """Returns when everything is ready; Trouble with what the supervisor said when it ends before. Ctrl-C ends it."""
    if now := occupant(VAR):
        raise taken(now)
    run(jars.fetch(progress))
    log, stage = OWN / "log/supervisor.log", OWN / "stage"
    log.parent.mkdir(parents=True, exist_ok=True)
    stage.unlink(missing_ok=True)
    with log.open("w") as output:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "deploy.supervisor"], stdout=output, stderr=output, start_new_session=True
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
                raise Trouble(log.read_text().strip())
            if (now := stage.read_text() if stage.exists() else "") not in ("", seen, READY):
                shown.close()
                shown.enter_context(progress.step(now))
            seen = now or seen
            time.sleep(LOOK)
