"""The auditor is tried first: faults planted into the pipeline of real processes, each of which it must catch."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from itertools import islice

from deploy.partner_client.client import submissions_topic
from deploy.stack.endpoints import SERVICES
from shared.programme.readiness_catalogue import readiness_items
from tests.fault_injection.run_context import RunContext

ORGANISATIONS = 8
AT_ONCE = 6
PACE = 0.2


async def with_bug(scene: RunContext, bug: str, load: Awaitable[None]) -> None:
    """Every service runs with the bug for as long as the load lasts."""
    await scene.cluster.again(dict.fromkeys(SERVICES, ("--bug", bug)))
    await load
    await scene.quiet()


async def publish_before_commit(scene: RunContext) -> None:
    await with_bug(scene, "publish-before-commit", scene.load(4, rate=10))


async def hand_over_from_memory(scene: RunContext) -> None:
    await with_bug(scene, "hand-over-from-memory", scene.load(6, rate=150, hot=0.8))


async def no_key_lock(scene: RunContext) -> None:
    """One organisation's answers come over many partitions at once, as from two systems of one partner."""
    await with_bug(scene, "no-key-lock", many_at_once(scene))


async def many_at_once(scene: RunContext) -> None:
    """Each answer comes once, so that one that is lost stays lost."""
    simulated = scene.simulated("second", "lock")
    first = [event for event in islice(simulated.events(), 200) if event.name == "organisation-submitted" and event.body]
    names = [str(event.body["data"]["organisation"]) for event in first[:ORGANISATIONS]]
    await scene.answered(await scene.sent("second", first[:ORGANISATIONS]), 30)
    items = [item.code for item in readiness_items().values() if item.scope == "organisation"]
    for at in range(0, len(items), AT_ONCE):
        for name in names:
            for nth, item in enumerate(items[at : at + AT_ONCE]):
                event = simulated.event("readiness-reported", organisation=name, answers=[{"item": item, "answer": "yes"}])
                await scene.speaker.enqueue(submissions_topic("second"), replace(event, key=f"{name}-{nth}".encode()))
        await asyncio.sleep(PACE)


BUGS: Mapping[str, tuple[Callable[[RunContext], Awaitable[None]], str]] = {
    "publish-before-commit": (publish_before_commit, "I4"),
    "hand-over-from-memory": (hand_over_from_memory, "I3"),
    "no-key-lock": (no_key_lock, "I2"),
}
"""How each is played, and the invariant that must be found broken."""
