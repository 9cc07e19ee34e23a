"""Which stack the commands speak to: the one that the environment states, else the one that runs in this checkout."""

import os
from pathlib import Path

from deploy.errors import UserError
from deploy.stack import exit_log
from deploy.stack.endpoints import Endpoints
from deploy.stack.instance_lock import UP, lock_holder

VAR = Path("var")
OWN = VAR / UP
STATED = "STACK_DATABASE"


def endpoints() -> Endpoints:
    """Where it is reached; Trouble when there is none."""
    if (here := found()) is None:
        raise UserError(nothing(VAR))
    return here


def found() -> Endpoints | None:
    """Where it is reached; none where the environment states none (`stated.py`) and none runs here."""
    from deploy.stack.embedded import ports_and_secrets
    from deploy.stack.external_stack import ExternalStackSettings

    if STATED in os.environ:
        return ExternalStackSettings().endpoints()

    now = lock_holder(VAR)
    return ports_and_secrets.load(now.folder).endpoints(now.folder.resolve()) if now else None


def nothing(var: Path) -> str:
    """That nothing runs here, and why where it did not end by somebody's wish."""
    for folder, command in ((var / UP, "`make up` goes on where it was."), (var, "`make demo` starts anew.")):
        if (past := exit_log.read(folder)) and past[-1].then == exit_log.ALL:
            last = past[-1]
            return f"Nothing runs here: {last.name} {last.how} at {local(last)}, and everything ended with it. {command}"
    return "Nothing runs here: `make up` (or `tandem up`) starts the stack and the services."


def local(ending: exit_log.Ending) -> str:
    """When, on this machine's clock."""
    return f"{ending.at.astimezone():%Y-%m-%d %H:%M}"
