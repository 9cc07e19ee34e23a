"""PostgreSQL, Kafka and a mail catcher, installed from packages alone and run as child processes."""

import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from deploy.async_tools import finish, gather_or_cancel
from deploy.stack import ports_and_secrets
from deploy.stack.embedded import kafka, postgres
from deploy.stack.endpoints import Endpoints
from deploy.stack.ports_and_secrets import PortsAndSecrets
from deploy.stack.process import ManagedProcess, spawn
from deploy.stack.progress import NullProgress, Progress


class Infrastructure(NamedTuple):
    """PostgreSQL, Kafka and a mail server: their endpoints, and the processes that must keep running."""

    endpoints: Endpoints
    children: Sequence[ManagedProcess]


@asynccontextmanager
async def infrastructure(var: Path, fsync: bool = False, progress: Progress | None = None) -> AsyncIterator[Infrastructure]:
    """Start the infrastructure and stop it at the end; data, ports and passwords stay in `var`.

    Raises UserError if a port is in use, the disk is full, a registry does not answer or a jar has the wrong hash.
    """
    var, config = ports_and_secrets.prepare(var)
    await ports_and_secrets.wait_until_free(config.ports)
    children: list[ManagedProcess] = []
    try:
        await _start_all(var, config, fsync, progress or NullProgress(), children)
        yield Infrastructure(config.endpoints(var), children)
    finally:
        await finish(_stop_all(children))


async def _start_all(var: Path, config: PortsAndSecrets, fsync: bool, progress: Progress, children: list[ManagedProcess]) -> None:
    """Start all processes concurrently; add each to `children` as soon as it has started, so that it is stopped on failure."""

    async def start_one(starting: Coroutine[Any, Any, ManagedProcess]) -> None:
        children.append(await starting)

    starting = (
        kafka.start(var, config.ports, progress),
        postgres.start(var, config.ports["postgres"], config.passwords["admin"], fsync=fsync),
        start_mail_catcher(var, config.ports),
    )
    with progress.step("Starting PostgreSQL, Kafka and the mail catcher", len(starting)) as advance:
        await gather_or_cancel(map(start_one, starting), advance)


async def _stop_all(children: list[ManagedProcess]) -> None:
    await asyncio.gather(*(child.stop() for child in children))


async def start_mail_catcher(var: Path, ports: dict[str, int]) -> ManagedProcess:
    """Start a mail server that stores every mail in `var/mail`, with a web page that shows them."""
    command = [sys.executable, "-m", "deploy.mail_catcher", "--smtp-port", str(ports["smtp"])]
    options = ["--web-port", str(ports["mail_catcher"]), "--folder", str(var / "mail")]
    catcher = await spawn("mail-catcher", [*command, *options], var)
    await catcher.wait_until(catcher.logged_ready)
    return catcher
