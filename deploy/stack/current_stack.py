"""The stack that the commands act on: the one that the environment names, else the one that runs in this checkout."""

import os
from pathlib import Path

from deploy.errors import UserError
from deploy.stack.endpoints import Endpoints
from deploy.stack.instance_lock import UP, lock_holder

VAR = Path("var")
UP_FOLDER = VAR / UP
DATABASE_VARIABLE = "STACK_DATABASE"
"""Set, it names an external stack (`external_stack.py`)."""


def endpoints() -> Endpoints:
    """The endpoints of the current stack. Raises UserError if there is none."""
    if (current := find()) is None:
        raise UserError(describe_absence(VAR))
    return current


def find() -> Endpoints | None:
    """The endpoints of the current stack, or None if the environment names none and none runs here."""
    from deploy.stack.embedded import ports_and_secrets
    from deploy.stack.external_stack import ExternalStackSettings

    if DATABASE_VARIABLE in os.environ:
        return ExternalStackSettings().endpoints()

    holder = lock_holder(VAR)
    return ports_and_secrets.load(holder.folder).endpoints(holder.folder.resolve()) if holder else None


def describe_absence(var: Path) -> str:
    """A sentence that nothing runs here, with the reason if the last stack stopped because of a failure."""
    from deploy.stack.supervisor import read_exits

    for folder, command in ((var / UP, "`make up` continues with its data."), (var, "`make demo` starts over.")):
        if (exits := read_exits(folder)) and (last := exits[-1]).outcome == "stack stopped":
            when = f"{last.at.astimezone():%Y-%m-%d %H:%M}"
            return f"Nothing runs here: {last.name} {last.description} at {when}, and everything stopped with it. {command}"
    return "Nothing runs here: `make up` (or `tandem up`) starts the stack and the services."
