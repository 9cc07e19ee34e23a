"""How each process of the stack that runs here is: whether it lives, is well, and was started again."""

import os
import time
from pathlib import Path

from rich.table import Table

from deploy.stack import exit_log
from deploy.stack.current_stack import local
from deploy.stack.services import MODULES, ready_file

SILENT = 15.0
"""A service touches its ready file every two seconds while it is well."""


def processes(var: Path) -> Table:
    """Each process with its id and how it is."""
    table = Table("Process", "Id", "", box=None)
    for file in sorted((var / "run").glob("*.pid")):
        table.add_row(file.stem, file.read_text(), how(var, file.stem, int(file.read_text())))
    return table


def how(var: Path, name: str, pid: int) -> str:
    """What is wrong with it, and how often it was started again; empty where all is well."""
    return "; ".join(filter(None, (complaint(var, name, pid), again(var, name))))


def complaint(var: Path, name: str, pid: int) -> str:
    if not lives(pid):
        return f"[red]ended[/]: see {os.path.relpath(var)}/log/{name}.log"
    if name not in MODULES:
        return ""
    ready = ready_file(var, name)
    if not ready.exists():
        return "[yellow]starting[/]"
    silent = time.time() - ready.stat().st_mtime
    return f"[red]not well for {silent:.0f} s[/]" if silent > SILENT else ""


def again(var: Path, name: str) -> str:
    """How often a process was started again, and why the last time."""
    past = [ending for ending in exit_log.read(var) if ending.name == name]
    times = sum(ending.then == exit_log.AGAIN for ending in past)
    return f"started again {times} × (last: {past[-1].how} at {local(past[-1])})" if times else ""


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
