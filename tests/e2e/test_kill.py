"""A process that is killed in the middle of the journey and started again changes nothing of what is said and sent."""

import asyncio
from typing import NamedTuple

import pytest

from deploy import demo
from deploy.stack.progress import NullProgress
from deploy.stack.running_stack import RunningStack
from services.notify.emails.smtp import MAX_CONNECTIONS
from tests.e2e.run import Run


class Kill(NamedTuple):
    """SIGKILL to a process, so many seconds into each of these acts."""

    process: str
    after: float
    acts: tuple[str, ...]


KILLS = [
    Kill("intake", 0.01, ("readiness, part two", "vacancy 1")),
    Kill("matching", 0.05, ("vacancy 1", "the organisation says yes to expert 1")),
    Kill("coaching", 0.05, ("the organisation says yes to expert 1", "three weeks before")),
    Kill("notify", 0.1, ("the organisation says yes to expert 1", "the first day")),
    Kill("pages", 0.01, ("the mediator picks for vacancy 1", "expert 2 says yes")),
]


@pytest.mark.parametrize("kill", KILLS, ids=lambda kill: kill.process)
async def test_a_killed_process_ends_in_the_same_messages_and_mails(house: RunningStack, calm: Run, kill: Kill) -> None:
    killed = []

    async def during(act: str) -> None:
        if act in kill.acts:
            await asyncio.sleep(kill.after)
            await house.processes.kill(kill.process)
            await house.processes.start(kill.process)
            killed.append(act)

    async with demo.stage(house.endpoints, NullProgress(), f"kill-{kill.process}", during) as stage:
        run = Run(stage, await demo.tell(stage))

    assert killed == list(kill.acts)
    assert run.messages() == calm.messages()
    assert run.letters() == calm.letters()
    assert all(times == 2 for times in run.copies())
    assert len(run.copies()) <= (len(killed) * MAX_CONNECTIONS if kill.process == "notify" else 0)
