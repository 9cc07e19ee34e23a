"""A process that is killed in the middle of the journey and restarted does not change the messages and emails."""

import asyncio
from typing import NamedTuple

import pytest

from deploy.demo.journey import open_context, play
from deploy.stack.progress import NullProgress
from deploy.stack.running_stack import RunningStack
from services.notify.emails.smtp import MAX_CONNECTIONS
from tests.e2e.run import Run


class Kill(NamedTuple):
    """SIGKILL to a process, `delay` seconds into each of these steps."""

    process: str
    delay: float
    steps: tuple[str, ...]


KILLS = [
    Kill("intake", 0.01, ("readiness, part two", "vacancy 1")),
    Kill("matching", 0.05, ("vacancy 1", "the organisation accepts expert 1")),
    Kill("coaching", 0.05, ("the organisation accepts expert 1", "three weeks before")),
    Kill("notify", 0.1, ("the organisation accepts expert 1", "the first day")),
    Kill("pages", 0.01, ("the mediator picks for vacancy 1", "expert 2 accepts")),
]


@pytest.mark.parametrize("kill", KILLS, ids=lambda kill: kill.process)
async def test_killed_process_leaves_the_same_messages_and_emails(running: RunningStack, baseline: Run, kill: Kill) -> None:
    killed_in = []

    async def during(step: str) -> None:
        if step in kill.steps:
            await asyncio.sleep(kill.delay)
            await running.processes.kill(kill.process)
            await running.processes.start(kill.process)
            killed_in.append(step)

    async with open_context(running.endpoints, NullProgress(), f"kill-{kill.process}", during) as context:
        run = Run(context, await play(context))

    assert killed_in == list(kill.steps)
    assert run.message_counts() == baseline.message_counts()
    assert run.email_counts() == baseline.email_counts()
    assert all(count == 2 for count in run.copies())
    assert len(run.copies()) <= (len(killed_in) * MAX_CONNECTIONS if kill.process == "notify" else 0)
