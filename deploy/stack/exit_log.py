"""What ended in a house though nobody stopped it: kept as lines in its folder, for `tandem status` to tell."""

from datetime import datetime
from pathlib import Path
from signal import Signals

import msgspec

from deploy.operations import dev_clock
from deploy.stack.process import ManagedProcess

AGAIN, GIVEN_UP, ALL = "again", "given up", "everything ended"


class Ending(msgspec.Struct, frozen=True):
    """One process that ended by itself: how, when (UTC), and what came of it (`again`, `given up`, `everything ended`)."""

    name: str
    how: str
    at: datetime
    then: str


def of(child: ManagedProcess, then: str) -> Ending:
    """The ending of a child that has ended."""
    return Ending(child.name, how(child.process.returncode), dev_clock.real_now(), then)


def how(code: int | None) -> str:
    """`was killed by SIGKILL`, `ended with code 1`."""
    return f"was killed by {Signals(-code).name}" if code and code < 0 else f"ended with code {code}"


def file(var: Path) -> Path:
    return var / "run/endings.jsonl"


def forget(var: Path) -> None:
    """A house that opens has no past."""
    file(var).unlink(missing_ok=True)


def add(var: Path, ending: Ending) -> None:
    with file(var).open("ab") as lines:
        lines.write(msgspec.json.encode(ending) + b"\n")


def read(var: Path) -> list[Ending]:
    """In order; none where nothing ended by itself."""
    if not file(var).exists():
        return []
    return msgspec.json.Decoder(Ending).decode_lines(file(var).read_bytes())
