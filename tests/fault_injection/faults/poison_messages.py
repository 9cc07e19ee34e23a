"""Messages that cannot be processed: undecodable records, a decider that raises, outputs that are too large, unknown additions."""

import asyncio
import json
from collections import Counter
from itertools import islice
from uuid import UUID
from zlib import crc32

from deploy.operations import dead_letters
from deploy.simulator.simulated_event import SimulatedEvent
from shared.messages.ids import deterministic_uuid
from tests.fault_injection.faults.fault import Fault
from tests.fault_injection.history.model import Rows
from tests.fault_injection.run_context import RunContext
from tests.support.kafka_client import PARTITIONS
from tests.support.waiting import wait_until

ROOT = UUID(int=11)
POLL_INTERVAL = 0.3
MAX_MESSAGE_BYTES = 900


async def unreadable(run: RunContext) -> None:
    """Publish undecodable records on an internal topic: each consumer stores dead letters, an operator discards them."""
    key = f"organisation/{deterministic_uuid(ROOT, f'{run.seed}')}"
    kind = "tandem.intake.organisation-registered"
    values = (b"\xff\xfe", None, b"[]", b'{"type":"%s.v2"}' % kind.encode(), b'{"type":"%s.v1","id":1}' % kind.encode())
    expected = 5 + 5 + 3  # matching ignores the kind
    before = await run.collector.rows()
    await inject(run, "tandem.intake", key, *values)
    await run.load(3)
    after = await wait_for_dead_letters(run, len(before.dead_letters) + expected)
    errors = Counter(dead.error for dead in after.dead_letters) - Counter(dead.error for dead in before.dead_letters)
    assert errors == {"DecodeError": expected}, errors
    await run.wait_quiet()
    await discard_all(run)


async def raising_rule(run: RunContext) -> None:
    """Let the decider raise for one organisation: its messages become dead letters, others are not delayed, a replay repairs it.

    Shows I5 and I7.
    """
    stream = run.partner_events("second", "raising").events()
    first, *others = [event for event in islice(stream, 200) if event.expected == "accepted"]
    poisoned = [event for event in others if event.key == first.key][:3]
    file = run.cluster.var / "poison"
    await run.processes.restart({"intake": ("--poison", str(file))})
    (position,) = await run.publish("second", [first])
    await run.wait_for_receipts([position], 30)
    file.write_text(run.receipts[position].data["about"])
    await run.publish("second", poisoned)
    unaffected = await run.publish("second", [event for event in others if event.key != first.key])
    run.assert_undisturbed(await run.wait_for_receipts(unaffected, 40))
    errors = [dead.error for dead in (await wait_for_dead_letters(run, len(poisoned))).dead_letters]
    assert errors == ["LookupError"] + [None] * (len(poisoned) - 1), errors
    file.unlink()
    await replay_all(run, "intake")
    await wait_for_dead_letters(run, 0)
    await run.wait_quiet()
    await run.processes.restart({"intake": ()})


async def answer_too_large(run: RunContext) -> None:
    """Lower the size limit of matching's messages: their causes become dead letters, and a replay without the limit succeeds."""
    await run.processes.restart({"matching": ("--max-message-bytes", str(MAX_MESSAGE_BYTES))})
    await run.load(5)

    async def any_dead_letter() -> bool:
        return bool((await run.collector.rows()).dead_letters)

    await wait_until(any_dead_letter, 40, POLL_INTERVAL)
    await run.processes.restart({"matching": ()})
    for _ in range(5):
        await replay_all(run, "matching")
        await asyncio.sleep(1.5)
    await wait_for_dead_letters(run, 0)


async def newer_others(run: RunContext) -> None:
    """Publish an unknown kind, and unknown fields in a known kind, as a newer service would: consumers ignore both."""
    id, organisation = deterministic_uuid(ROOT, f"newer/{run.seed}"), str(deterministic_uuid(ROOT, f"{run.seed}"))
    subject = f"organisation/{organisation}"
    envelope = {"id": str(id), "source": "/tandem/intake", "specversion": "1.0", "subject": subject}
    envelope |= {"time": "2027-01-01T08:00:00+00:00", "datacontenttype": "application/json", "causationid": str(id)}
    envelope |= {"added_later": "1"}
    unknown = envelope | {"type": "tandem.intake.organisation-praised.v1", "data": {"organisation": organisation}}
    data = {"organisation": organisation, "vacancy": None, "missing_b": [], "missing_s": ["RC-501"], "added_later": 1}
    known = envelope | {"type": "tandem.intake.readiness-progressed.v1", "data": data}
    run.collector.injected.add(str(id))
    before = await run.collector.rows()
    await inject(run, "tandem.intake", subject, json.dumps(unknown).encode(), json.dumps(known).encode())
    await run.load(3)
    await run.wait_quiet()
    after = await run.collector.rows()
    assert len(after.dead_letters) == len(before.dead_letters), after.dead_letters
    processed = [str(id) in after.inbox[service] for service in ("coaching", "notify")]
    assert all(processed), "a message with an unknown field was not processed"


async def replay_all(run: RunContext, service: str) -> None:
    """Request the replay of all dead letters of a service, as an operator does."""
    database = run.cluster.endpoints.database
    if ids := [row["id"] for row in await dead_letters.fetch_all(database, service)]:
        await dead_letters.replay(database, service, ids)


async def discard_all(run: RunContext) -> None:
    """Discard all dead letters of the services that consume internal topics, as an operator does."""
    for service in ("matching", "coaching", "notify"):
        for row in await dead_letters.fetch_all(run.cluster.endpoints.database, service):
            await dead_letters.discard(run.cluster.endpoints.database, service, row["id"])


async def inject(run: RunContext, topic: str, key: str, *values: bytes | None) -> None:
    """Publish these bytes on an internal topic, in the partition that its publisher would use."""
    for value in values:
        record = SimulatedEvent("injected", key.encode(), value)
        await run.publisher.publish(topic, record, crc32(key.encode()) % PARTITIONS)


async def wait_for_dead_letters(run: RunContext, count: int) -> Rows:
    """Return the rows once this many dead letters exist. Raises `TimeoutError` after 60 seconds."""
    rows = Rows()

    async def reached() -> bool:
        nonlocal rows
        rows = await run.collector.rows()
        return len(rows.dead_letters) == count

    await wait_until(reached, 60, POLL_INTERVAL)
    return rows


FAULTS = [
    Fault("unreadable", unreadable),
    Fault("raising-rule", raising_rule),
    Fault("answer-too-large", answer_too_large),
    Fault("newer-others", newer_others),
]
