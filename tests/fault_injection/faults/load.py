"""Unusual load: bursts, a hot key, events out of order, and a clock that jumps."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import islice

from deploy.operations import dev_clock
from tests.fault_injection.faults.fault import Fault
from tests.fault_injection.run_context import RunContext

CLOCK_JUMPS_IN_DAYS = (3.0, 2.9, 20.0, 36.0, 53.0, 70.0, 87.0, 104.0, 120.0, 136.0)
"""Offsets from the start: forward by weeks, once slightly back."""


async def burst(run: RunContext) -> None:
    """Publish ten times the usual load."""
    await run.load(2)
    await run.load(2, rate=200)


async def hot_key(run: RunContext) -> None:
    """Publish nine in ten events about one organisation."""
    await run.load(4, rate=150, hot=0.9)


async def clock_jumps(run: RunContext) -> None:
    """Move the clock while users have emails to answer."""
    file = run.cluster.endpoints.clock
    start = dev_clock.offset(file)
    for days in CLOCK_JUMPS_IN_DAYS:
        dev_clock.write(file, start + timedelta(days=days))
        await run.load(1.5)
    await run.wait_quiet()


async def reordered(run: RunContext) -> None:
    """Publish events out of order, then twice in order: each gets a receipt, and in the end all are accepted or duplicates."""
    valid = [event for event in islice(run.partner_events("second", "r").events(), 300) if event.expected == "accepted"]
    events = [replace(event, expected=None) for event in valid]
    await run.publish("second", run.random.sample(events, len(events)))
    await run.publish("second", events)
    positions = await run.publish("second", events)
    await run.wait_for_receipts(positions, 60)
    outcomes = Counter(run.receipts[position].outcome for position in positions)
    assert set(outcomes) <= {"accepted", "duplicate"}, outcomes


FAULTS = [
    Fault("burst", burst),
    Fault("hot-key", hot_key),
    Fault("clock-jumps", clock_jumps),
    Fault("reordered", reordered),
]
