"""Processes join, leave, freeze, stop and are killed under load."""

import asyncio

from deploy.stack.endpoints import SERVICES
from tests.fault_injection.faults.fault import Fault
from tests.fault_injection.run_context import RunContext

FREEZE_SECONDS = 9.0
"""Longer than the session timeout of a consumer (6) and the lease of a relay (4)."""


async def kills_at_random(run: RunContext) -> None:
    """Kill random processes."""
    loading = asyncio.create_task(run.load(10, rate=30))
    for _ in range(4):
        await asyncio.sleep(run.random.uniform(0.5, 2))
        run.processes.kill(run.random.choice(list(run.processes.children)))
    await loading


async def join_and_leave(run: RunContext) -> None:
    """Start a second process of each service, then restart the first one and stop the second one, service by service."""
    loading = asyncio.create_task(run.load(12))
    await run.processes.restart({f"{name}-2": () for name in SERVICES})
    for name in SERVICES:
        await run.processes.restart({name: ()})
        await run.processes.stop(f"{name}-2")
    await loading


async def frozen(run: RunContext) -> None:
    """Run two processes of each service and freeze one of them beyond its session timeout and lease."""
    await run.processes.restart({f"{name}-2": () for name in SERVICES})
    loading = asyncio.create_task(run.load(FREEZE_SECONDS + 3))
    await asyncio.sleep(1)
    names = [run.random.choice([name, f"{name}-2"]) for name in SERVICES]
    for name in names:
        run.processes.freeze(name)
    await asyncio.sleep(FREEZE_SECONDS)
    for name in names:
        run.processes.resume(name)
    await loading
    await run.wait_quiet()
    await asyncio.gather(*(run.processes.stop(f"{name}-2") for name in SERVICES))


async def polite_stop(run: RunContext) -> None:
    """Stop every process with SIGTERM: nothing is published or sent twice, and every exit code is 0."""
    await run.wait_quiet()
    repeats, copies = await run.count_repeats(), run.count_email_copies()
    loading = asyncio.create_task(run.load(10))
    for name in ("intake", "matching", "coaching", "notify", "pages"):
        await asyncio.sleep(0.5)
        code = await run.processes.stop(name)
        assert code == 0, f"{name} exited with code {code}"
        await run.processes.start(name)
    await loading
    await run.wait_quiet()
    new_repeats, new_copies = await run.count_repeats() - repeats, run.count_email_copies() - copies
    assert not new_repeats, f"{new_repeats} messages were published twice although every process was stopped with SIGTERM"
    assert not new_copies, f"{new_copies} emails were sent twice although every process was stopped with SIGTERM"


FAULTS = [
    Fault("kills-at-random", kills_at_random),
    Fault("join-and-leave", join_and_leave),
    Fault("frozen", frozen),
    Fault("polite-stop", polite_stop),
]
