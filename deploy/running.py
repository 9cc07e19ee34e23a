"""Which stack the commands speak to: the one that the environment states, else the one that runs in this checkout."""

import os
from pathlib import Path

from deploy import endings
from deploy.endpoints import Endpoints
from deploy.occupancy import UP, occupant
from deploy.trouble import Trouble

VAR = Path("var")
OWN = VAR / UP
STATED = "STACK_DATABASE"


def endpoints() -> Endpoints:
    """Where it is reached; Trouble when there is none."""
    if (here := found()) is None:
        raise Trouble(nothing(VAR))
    return here


def found() -> Endpoints | None:
    """Where it is reached; none where the environment states none (`stated.py`) and none runs here."""
    from deploy.embedded import plan
    from deploy.stated import Stated

    if STATED in os.environ:
        return Stated().endpoints()

    now = occupant(VAR)
    return plan.load(now.folder).endpoints(now.folder.resolve()) if now else None


def nothing(var: Path) -> str:
    """That nothing runs here, and why where it did not end by somebody's wish."""
    for folder, command in ((var / UP, "`make up` goes on where it was."), (var, "`make demo` starts anew.")):
        if (past := endings.read(folder)) and past[-1].then == endings.ALL:
            last = past[-1]
            return f"Nothing runs here: {last.name} {last.how} at {local(last)}, and everything ended with it. {command}"
    return "Nothing runs here: `make up` (or `tandem up`) starts the stack and the services."


def local(ending: endings.Ending) -> str:
    """When, on this machine's clock."""
    return f"{ending.at.astimezone():%Y-%m-%d %H:%M}"
