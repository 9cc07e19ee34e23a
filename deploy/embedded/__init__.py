"""PostgreSQL, Kafka and a mail catcher from packages alone, as processes of our own."""

import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from deploy.child import Child, spawn
from deploy.embedded import kafka, plan, postgres
from deploy.endpoints import Endpoints
from deploy.progress import Progress, Silent
from deploy.together import to_the_end, together


class Ground(NamedTuple):
    """What the services stand on: where it is reached, and the processes that must not end."""

    endpoints: Endpoints
    children: Sequence[Child]


@asynccontextmanager
async def stack(var: Path, fsync: bool = False, progress: Progress | None = None) -> AsyncIterator[Endpoints]:
    """Where the ground is reached, for who does not look whether it holds."""
    async with ground(var, fsync, progress) as opened:
        yield opened.endpoints


@asynccontextmanager
async def ground(var: Path, fsync: bool = False, progress: Progress | None = None) -> AsyncIterator[Ground]:
    """Everything the services stand on, started and stopped; data, ports and passwords stay in `var`.

    Trouble says what to do: a port in use, no room on the disk, a registry that does not answer, a jar with the wrong hash.
    """
    var, kept = plan.prepare(var)
    await plan.until_free(kept.ports)
    children: list[Child] = []
    try:
        await start_all(var, kept, fsync, progress or Silent(), children)
        yield Ground(kept.endpoints(var), children)
    finally:
        await to_the_end(stop_all(children))


async def start_all(var: Path, kept: plan.Plan, fsync: bool, progress: Progress, children: list[Child]) -> None:
    """All side by side; what has started is added to `children` at once."""

    async def keep(starting: Coroutine[Any, Any, Child]) -> None:
        children.append(await starting)

    starting = (
        kafka.start(var, kept.ports, progress),
        postgres.start(var, kept.ports["postgres"], kept.passwords["admin"], fsync=fsync),
        start_mailbox(var, kept.ports),
    )
    with progress.step("Starting PostgreSQL, Kafka and the mailbox", len(starting)) as done:
        await together(map(keep, starting), done)


async def stop_all(children: list[Child]) -> None:
    await asyncio.gather(*(child.stop() for child in children))


async def start_mailbox(var: Path, ports: dict[str, int]) -> Child:
    """A mail server that catches all mail in `var/mail`, with its page."""
    command = [sys.executable, "-m", "deploy.mailbox", "--smtp-port", str(ports["smtp"])]
    mailbox = await spawn("mailbox", [*command, "--web-port", str(ports["mailbox"]), "--folder", str(var / "mail")], var)
    await mailbox.until(mailbox.said_ready)
    return mailbox
