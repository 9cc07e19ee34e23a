"""Records that cost much to process, all under one key: other keys and partners must not wait for them."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from itertools import count, islice
from typing import Any

from deploy.simulator.simulated_event import SimulatedEvent
from tests.fault_injection.faults.bad_input import receipt_time
from tests.fault_injection.faults.fault import Fault
from tests.fault_injection.faults.undecodable_records import organisations
from tests.fault_injection.run_context import RunContext

RECORDS, QUICK_RECORDS = 600, 60
PART_BYTES = 249_000
"""Size of the part that makes a record heavy: just below the largest record that intake reads."""
RECEIPTS_TIMEOUT = 300
HEAVY_PARTS: Mapping[str, Callable[[int], Any]] = {
    "members": lambda size: {"smile": "\U0001f600", "z": [{}] * (size // 3)},
    "depth": lambda size: json.loads("[" * (depth := min(size // 2, 900)) + "]" * depth),
    "names": lambda size: {f"n{nth}": 0 for nth in range(size // 11)},
    "escapes": lambda size: "\U0001f600" * (size // 12),
    "numbers": lambda size: [0.1] * (size // 4),
}
"""Additional data of about this many bytes. Each contains a character or a shape that intake's fast path leaves to the full one."""


async def heavy_records(run: RunContext) -> None:
    """Publish heavy records of one key, and measure how long the receipts of others take meanwhile (I7)."""
    heavy = list(islice(heavy_events(run), QUICK_RECORDS if run.quick else RECORDS))
    same_partner, other_partner = organisations(run, "beside-heavy"), run.partner_events("second", "beside-heavy", bad=0).events()
    publishing = asyncio.create_task(run.publish("third", heavy))
    longest_wait = 0.0
    while not (publishing.done() and all(position in run.receipts for position in publishing.result())):
        positions = await run.publish("third", list(islice(same_partner, 5)))
        waits = await asyncio.gather(run.wait_for_receipts(positions, 120), receipt_time(run, other_partner))
        longest_wait = max(longest_wait, *waits)
    await run.wait_for_receipts(await publishing, RECEIPTS_TIMEOUT)
    run.assert_undisturbed(longest_wait)
    assert not run.processes.exits, "a process exited because of heavy records"
    run.notes.append(f"{len(heavy)} heavy records")


def heavy_events(run: RunContext) -> Iterator[SimulatedEvent]:
    """Yield events about one organisation, each heavy in another way than the one before."""
    original = next(organisations(run, "heavy"))
    kinds = list(HEAVY_PARTS)
    for nth in count():
        body = deepcopy(dict(original.body)) | {"id": f"{original.body['id']}-heavy-{nth}"}
        body["data"]["zz"] = HEAVY_PARTS[kinds[nth % len(kinds)]](PART_BYTES)
        value = json.dumps(body, separators=(",", ":")).encode()
        yield SimulatedEvent("heavy", original.key, value)


FAULTS = [Fault("heavy-records", heavy_records)]
