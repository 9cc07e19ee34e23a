"""The processes of the running stack for `tandem status`: which stack it is, its addresses, the health of each process."""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rich.table import Table

from deploy.operations import dev_clock
from deploy.stack.current_stack import VAR, is_external, shown
from deploy.stack.endpoints import POLICY, Endpoints
from deploy.stack.instance_lock import lock_holder
from deploy.stack.services import MODULES, ready_file
from deploy.stack.supervisor import read_exits

HEALTH_TIMEOUT = 15.0
"""A healthy service touches its ready file every two seconds."""


class ProcessStatus(NamedTuple):
    """A process, and what is to be known of its health and its restarts; nothing if all is well."""

    name: str
    pid: int
    remark: str


def heading(endpoints: Endpoints) -> str:
    """Return which stack this is, and on a second line its clock if that is known to be ahead."""
    holder = lock_holder(VAR)
    stack = "The stack that the environment names" if is_external() or not holder else f"Tandem runs: {holder}"
    if not (offset := dev_clock.offset(endpoints.clock)):
        return f"{stack}."
    from shared.programme import policy

    zone = policy.load_policy(POLICY).zone
    now = dev_clock.stack_now(endpoints.clock).astimezone(ZoneInfo(zone))
    return f"{stack}.\nIts clock shows {now:%Y-%m-%d %H:%M} in {zone}, {offset / dev_clock.DAY:.1f} days ahead."


def addresses_table(endpoints: Endpoints) -> Table:
    """The address of each entry point, and the folder of the logs, as far as they are known."""
    pages, logs = endpoints.pages_url, endpoints.var / "log"
    rows = {
        "Emails": endpoints.emails,
        "Pages": pages and f"{pages} (through the links in the emails)",
        "Kafka": endpoints.kafka,
        "PostgreSQL": endpoints.database.rpartition("@")[2],
        "Logs": shown(logs) if logs.is_dir() else "",
    }
    table = Table(box=None, show_header=False)
    for label, address in rows.items():
        if address:
            table.add_row(label, address)
    return table


def processes(var: Path) -> list[ProcessStatus]:
    """The processes of the stack in `var`, by name; none if it runs elsewhere."""
    pids = {file.stem: int(file.read_text()) for file in sorted((var / "run").glob("*.pid"))}
    return [
        ProcessStatus(name, pid, "; ".join(filter(None, (_health(var, name, pid), restarts(var, name)))))
        for name, pid in pids.items()
    ]


def processes_table(processes: Sequence[ProcessStatus]) -> Table:
    """Each process with its id, its health and its restarts."""
    table = Table("Process", "Process id", "Remark", box=None)
    for process in processes:
        table.add_row(process.name, str(process.pid), process.remark)
    return table


def _health(var: Path, name: str, pid: int) -> str:
    """Describe what is wrong with a process; return an empty text if it is healthy."""
    if not _is_alive(pid):
        return f"[red]exited[/]: see {shown(var)}/log/{name}.log"
    if name not in MODULES:
        return ""
    ready = ready_file(var, name)
    if not ready.exists():
        return "[yellow]starting[/]"
    age = time.time() - ready.stat().st_mtime
    return f"[red]unhealthy for {age:.0f} s[/]" if age > HEALTH_TIMEOUT else ""


def restarts(var: Path, name: str) -> str:
    """Count the restarts of a process, with the last reason; return an empty text if there were none."""
    exits = [exit for exit in read_exits(var) if exit.name == name]
    count = sum(exit.outcome == "restarted" for exit in exits)
    if not count:
        return ""
    last = f"{exits[-1].description.removeprefix('was ')} at {exits[-1].at.astimezone():%Y-%m-%d %H:%M %Z}"
    return f"restarted {count} ×, last time {last}"


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
