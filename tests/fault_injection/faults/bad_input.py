"""Bad input at scale: events corrupted in every way, each with one receipt, and good events between them."""

import asyncio
from collections.abc import Iterator
from itertools import islice
from random import Random

from deploy.simulator import corruption
from deploy.simulator.simulated_event import SimulatedEvent
from tests.fault_injection.faults.fault import Fault
from tests.fault_injection.run_context import RunContext

RECORDS, QUICK_RECORDS = 100_000, 3_000
RECORDS_AT_ONCE = 1_500
RECEIPTS_TIMEOUT = 120


def bad_records(random: Random, good: Iterator[SimulatedEvent]) -> Iterator[SimulatedEvent]:
    """Yield good events, each followed by many corrupted ones; the outcome of those with mutated bytes is unpredictable."""
    while True:
        event = next(good)
        yield event
        for nth in range(random.randint(10, 40)):
            if random.random() < 0.5:
                yield corruption.corrupt(random, event, f"bad-{random.getrandbits(40)}-{nth}")
            else:
                yield SimulatedEvent("mutated", event.key, corruption.mutate(random, event.value or b""))


async def bad_input(run: RunContext) -> None:
    """Publish bad records of one partner: no process exits, and another partner's events are not delayed (I7)."""
    count = QUICK_RECORDS if run.quick else RECORDS
    bad = bad_records(run.random, run.partner_events("third", "bad", bad=0).events())
    good = run.partner_events("second", "good", bad=0).events()
    longest_wait = 0.0
    for _ in range(0, count, RECORDS_AT_ONCE):
        publishing = run.publish("third", list(islice(bad, RECORDS_AT_ONCE)))
        positions, seconds = await asyncio.gather(publishing, receipt_time(run, good))
        longest_wait = max(longest_wait, seconds)
        await run.wait_for_receipts(positions, RECEIPTS_TIMEOUT)
    assert not run.processes.exits, "a process exited because of bad input"
    run.assert_undisturbed(longest_wait)
    run.notes.append(f"{count} records")


async def receipt_time(run: RunContext, good: Iterator[SimulatedEvent]) -> float:
    """Return how many seconds ten good events of another partner wait for their receipts."""
    return await run.wait_for_receipts(await run.publish("second", list(islice(good, 10))), 60)


FAULTS = [Fault("bad-input", bad_input)]
