"""Two of each worker do the work of one."""

import asyncio

from deploy import demo
from deploy.stack.progress import NullProgress
from deploy.stack.running_stack import RunningStack
from deploy.stack.services import MODULES, ServiceProcesses
from tests.e2e.run import Run

WORKERS = [name for name in MODULES if name != "pages"]


async def test_two_of_each_worker_say_and_send_the_same_once(house: RunningStack, calm: Run) -> None:
    seconds = ServiceProcesses(house.endpoints)
    try:
        await asyncio.gather(*map(seconds.start, WORKERS))
        async with demo.stage(house.endpoints, NullProgress(), "scaled") as stage:
            run = Run(stage, await demo.tell(stage))
    finally:
        await seconds.stop_all()

    assert run.messages() == calm.messages()
    assert run.letters() == calm.letters()
    assert run.copies() == []
