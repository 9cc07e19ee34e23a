"""PostgreSQL, Kafka and a mail catcher from packages alone, as processes of our own."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from deploy.child import Child, spawn
from deploy.embedded import kafka, plan, postgres
from deploy.endpoints import Endpoints
from deploy.progress import Progress, Silent


@asynccontextmanager
async def stack(var: Path, fsync: bool = False, progress: Progress | None = None) -> AsyncIterator[Endpoints]:
    """Everything the services stand on, started and stopped; data, ports and passwords stay in `var`.

    Trouble says what to do: a port in use, no room on the disk, a registry that does not answer, a jar with the wrong hash.
    """
    var, kept = plan.prepare(var)
    await plan.until_free(kept.ports)
    children: list[Child] = []
    try:
        await start_all(var, kept, fsync, progress or Silent(), children)
        yield kept.endpoints(var)
    finally:
        await asyncio.gather(*(child.stop() for child in children))


async def start_all(var: Path, kept: plan.Plan, fsync: bool, progress: Progress, children: list[Child]) -> None:
    """Starts all at once; the first failure cancels the others and is what the caller sees."""
    ports, logs = kept.ports, var / "log"
    starting = (
        kafka.start(var / "kafka", ports, logs / "kafka.log", progress),
        postgres.start(var / "postgres", ports["postgres"], kept.passwords["admin"], logs / "postgres.log", fsync=fsync),
        start_mailbox(ports, var / "mail", logs / "mailbox.log"),
    )
    try:
        with progress.step("Starting PostgreSQL, Kafka and the mailbox", len(starting)) as done:
            async with asyncio.TaskGroup() as group:
                for child in starting:
                    group.create_task(keep(child, children, done))
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def keep(starting: Coroutine[Any, Any, Child], children: list[Child], done: Callable[[], None]) -> None:
    children.append(await starting)
    done()


async def start_mailbox(ports: dict[str, int], folder: Path, log: Path) -> Child:
    """A mail server that catches all mail in `folder`, with its page."""
    command = [sys.executable, "-m", "deploy.mailbox", "--smtp-port", str(ports["smtp"])]
    mailbox = await spawn("mailbox", [*command, "--web-port", str(ports["mailbox"]), "--folder", str(folder)], log)
    await mailbox.until(mailbox.said_ready)
    return mailbox
