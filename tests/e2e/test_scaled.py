"""Two replicas of each worker produce the same results as one."""

import asyncio

from deploy.demo.journey import open_context, play
from deploy.stack.progress import NullProgress
from deploy.stack.running_stack import RunningStack
from deploy.stack.services import MODULES, ServiceProcesses
from tests.e2e.run import Run

WORKERS = [name for name in MODULES if name != "pages"]


async def test_two_replicas_publish_and_send_everything_once(running: RunningStack, baseline: Run) -> None:
    replicas = ServiceProcesses(running.endpoints)
    try:
        await asyncio.gather(*map(replicas.start, WORKERS))
        async with open_context(running.endpoints, NullProgress(), "scaled") as context:
            run = Run(context, await play(context))
    finally:
        await replicas.stop_all()

    assert run.message_counts() == baseline.message_counts()
    assert run.email_counts() == baseline.email_counts()
    assert run.copies() == []
