"""Two of each worker do the work of one."""

import asyncio

from deploy import journey
from deploy.house import House
from deploy.processes import MODULES, Fleet
from deploy.progress import Silent
from tests.flows.run import Run

WORKERS = [name for name in MODULES if name != "pages"]


async def test_two_of_each_worker_say_and_send_the_same_once(house: House, calm: Run) -> None:
    seconds = Fleet(house.endpoints)
    try:
        await asyncio.gather(*map(seconds.start, WORKERS))
        async with journey.stage(house.endpoints, Silent(), "scaled") as stage:
            run = Run(stage, await journey.tell(stage))
    finally:
        await seconds.stop_all()

    assert run.messages() == calm.messages()
    assert run.letters() == calm.letters()
    assert run.copies() == []
