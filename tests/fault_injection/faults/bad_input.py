"""Bad input at scale: records made from the contract and broken in every way, each with one receipt, and good ones in between."""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import islice
from random import Random

from deploy.simulator import corruption
from deploy.simulator.simulated_event import SimulatedEvent
from tests.fault_injection.run_context import RunContext

FULL, QUICK = 100_000, 3_000
IN_ONE_GO = 1_500


def records(random: Random, good: Iterator[SimulatedEvent]) -> Iterator[SimulatedEvent]:
    """Without end: good events, each followed by many that are broken, or mutated byte by byte (nobody can foretell those)."""
    while True:
        event = next(good)
        yield event
        for nth in range(random.randint(10, 40)):
            if random.random() < 0.5:
                yield corruption.corrupt(random, event, f"bad-{random.getrandbits(40)}-{nth}")
            else:
                yield SimulatedEvent("mutated", event.key, corruption.mutate(random, event.value or b""))


async def play(scene: RunContext) -> None:
    """Every record gets one receipt (the auditor counts), nobody dies, and another partner's events keep their pace (I7)."""
    wanted = QUICK if scene.quick else FULL
    bad = records(scene.random, scene.stream("third", "bad", bad=0))
    good = scene.stream("second", "good", bad=0)
    slowest = 0.0
    for _ in range(0, wanted, IN_ONE_GO):
        places, seconds = await asyncio.gather(scene.sent("third", list(islice(bad, IN_ONE_GO))), pace(scene, good))
        slowest = max(slowest, seconds)
        await scene.answered(places, 120)
    assert not scene.cluster.died, "a process died of bad input"
    scene.undisturbed(slowest)
    scene.notes.append(f"{wanted} records")


async def pace(scene: RunContext, good: Iterator[SimulatedEvent]) -> float:
    """How long some good events of another partner wait for their receipts."""
    some: Sequence[SimulatedEvent] = list(islice(good, 10))
    return await scene.answered(await scene.sent("second", some), 60)
