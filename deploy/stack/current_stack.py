"""The stack that the commands act on: the one that the environment names, else the one that runs in this checkout."""

import os
from pathlib import Path

from deploy.errors import UserError
from deploy.stack.endpoints import CLOCK, Endpoints
from deploy.stack.instance_lock import UP, lock_holder

ROOT = Path(__file__).parents[2]
VAR_VARIABLE = "STACK_VAR"
VAR = Path(os.environ.get(VAR_VARIABLE) or ROOT / "var").absolute()
"""The folder of the stack's data: `var` in this command's checkout, in any working directory."""
UP_FOLDER = VAR / UP
EXTERNAL_VARIABLES = (
    "STACK_KAFKA",
    "STACK_DATABASE",
    "STACK_PASSWORDS__",
    "STACK_PAGES_URL",
    "STACK_MAIL_CATCHER_URL",
    "STACK_PUBLIC_MAIL_CATCHER_URL",
)
"""Any of them set names an external stack (`external_stack.py`)."""


def endpoints() -> Endpoints:
    """The endpoints of the current stack. Raises UserError if there is none."""
    if (current := find()) is None:
        raise UserError(describe_absence(VAR))
    return current


def endpoints_with_people() -> Endpoints:
    """The endpoints of the current stack, with the addresses of its emails and pages. Raises UserError if they are unknown."""
    current = endpoints()
    unset = [f"STACK_{name}".upper() for name in ("pages_url", "mail_catcher_url") if not getattr(current, name)]
    if unset:
        raise UserError(f"This command reads emails and opens pages: set {' and '.join(unset)} to where the stack serves them.")
    return current


def clock_file() -> Path | None:
    """The file of the current stack's clock, or None if no stack is found or its file is elsewhere. Needs no other endpoint."""
    if is_external():
        return VAR / CLOCK if os.environ.get(VAR_VARIABLE) else None
    holder = lock_holder(VAR)
    return holder.folder / CLOCK if holder else None


def find() -> Endpoints | None:
    """The endpoints of the current stack, or None if the environment names none and none runs here."""
    if is_external():
        from deploy.stack.external_stack import ExternalStackSettings

        return ExternalStackSettings().endpoints()
    from deploy.stack import ports_and_secrets

    holder = lock_holder(VAR)
    return ports_and_secrets.load(holder.folder).endpoints(holder.folder.resolve()) if holder else None


def is_external() -> bool:
    """Return True if the environment names a stack elsewhere."""
    return bool(_external_variables())


def require_local(command: str) -> None:
    """Raise UserError if the environment names a stack elsewhere: `command` acts on the one of this checkout only."""
    if names := _external_variables():
        raise UserError(
            f"`tandem {command}` acts on the stack of this checkout, but {', '.join(names)} names another: unset it first."
        )


def describe_absence(var: Path) -> str:
    """A sentence that nothing runs in `var`, with the reason if the last stack stopped because of a failure."""
    from deploy.stack.supervisor import read_exits

    for folder, command in ((var / UP, "`make up` continues with its data."), (var, "`make demo` starts over.")):
        if (exits := read_exits(folder)) and (last := exits[-1]).outcome == "stack stopped":
            when = f"{last.at.astimezone():%Y-%m-%d %H:%M %Z}"
            return f"Nothing runs in {var}: {last.name} {last.description} at {when}, and everything stopped with it. {command}"
    return f"Nothing runs in {var}: `make up` (or `tandem up`) starts the stack and the services."


def shown(path: Path) -> str:
    """A path as people read it: relative if it is below the working directory."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _external_variables() -> list[str]:
    return [name for name, value in os.environ.items() if value and name.upper().startswith(EXTERNAL_VARIABLES)]
