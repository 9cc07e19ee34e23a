"""PostgreSQL, Kafka and a mail catcher from packages alone, as processes of our own."""

import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from deploy.stack.concurrency import run_all, to_the_end
from deploy.stack.embedded import kafka, ports_and_secrets, postgres
from deploy.stack.endpoints import Endpoints
from deploy.stack.process import ManagedProcess, spawn
from deploy.stack.progress import NullProgress, Progress


class Infrastructure(NamedTuple):
    """What the services stand on: where it is reached, and the processes that must not end."""

    endpoints: Endpoints
    children: Sequence[ManagedProcess]


@asynccontextmanager
async def stack(var: Path, fsync: bool = False, progress: Progress | None = None) -> AsyncIterator[Endpoints]:
    """Where the ground is reached, for who does not look whether it holds."""
    async with infrastructure(var, fsync, progress) as opened:
        yield opened.endpoints


@asynccontextmanager
async def infrastructure(var: Path, fsync: bool = False, progress: Progress | None = None) -> AsyncIterator[Infrastructure]:
    """Everything the services stand on, started and stopped; data, ports and passwords stay in `var`.

    Trouble says what to do: a port in use, no room on the disk, a registry that does not answer, a jar with the wrong hash.
    """
    var, kept = ports_and_secrets.prepare(var)
    await ports_and_secrets.until_free(kept.ports)
    children: list[ManagedProcess] = []
    try:
        await start_all(var, kept, fsync, progress or NullProgress(), children)
        yield Infrastructure(kept.endpoints(var), children)
    finally:
        await to_the_end(stop_all(children))


async def start_all(
    var: Path, kept: ports_and_secrets.Plan, fsync: bool, progress: Progress, children: list[ManagedProcess]
) -> None:
    """All side by side; what has started is added to `children` at once."""

    async def keep(starting: Coroutine[Any, Any, ManagedProcess]) -> None:
        children.append(await starting)

    starting = (
        kafka.start(var, kept.ports, progress),
        postgres.start(var, kept.ports["postgres"], kept.passwords["admin"], fsync=fsync),
        start_mailbox(var, kept.ports),
    )
    with progress.step("Starting PostgreSQL, Kafka and the mailbox", len(starting)) as done:
        await run_all(map(keep, starting), done)


async def stop_all(children: list[ManagedProcess]) -> None:
    await asyncio.gather(*(child.stop() for child in children))


async def start_mailbox(var: Path, ports: dict[str, int]) -> ManagedProcess:
    """A mail server that catches all mail in `var/mail`, with its page."""
    command = [sys.executable, "-m", "deploy.mail_catcher", "--smtp-port", str(ports["smtp"])]
    mailbox = await spawn("mailbox", [*command, "--web-port", str(ports["mailbox"]), "--folder", str(var / "mail")], var)
    await mailbox.until(mailbox.said_ready)
    return mailbox
