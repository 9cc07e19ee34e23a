"""Records that the Kafka client cannot decode, on a partner's topic and on our own."""

import asyncio
import time
from collections.abc import Iterator
from itertools import islice

import cramjam

from deploy.operations import dev_clock
from deploy.partner_client.record import RecordPosition, submissions_topic
from deploy.simulator.simulated_event import SimulatedEvent
from services.intake.contract import STRUCTURED
from shared.messages.intake import ReadinessProgressed
from tests.fault_injection.faults.bad_input import receipt_time
from tests.fault_injection.faults.fault import Fault
from tests.fault_injection.faults.poison_messages import discard_all, wait_for_dead_letters
from tests.fault_injection.run_context import RunContext
from tests.support.ids import new_id
from tests.support.kafka_client import PARTITIONS, Prepared, prepare
from tests.support.raw_batches import Header, batch, produce_at, record

NOT_UTF8 = (b"caf\xe9", b"\xed\xa0\x80", b"\xff" * 100)
"""Names of headers: in Latin-1, a surrogate, and bytes that are never UTF-8."""
ZSTD, BOMB_BYTES = 4, 64 << 20
CONSUMERS_OF_INTAKE = ("matching", "coaching", "notify")
RECEIPTS_TIMEOUT = 30


async def undecodable_record(run: RunContext) -> None:
    """Publish undecodable records in every partition of a partner's topic, and on a topic of our services, under load.

    The partner's records get their receipts. A service's message is processed despite its header, or becomes a dead letter.
    """
    loading = asyncio.create_task(run.load(10))
    others = run.partner_events("second", "beside-undecodable", bad=0).events()
    dead_letters = len((await run.collector.rows()).dead_letters)
    message = _message(run)
    await publish_internal(run, message)
    positions = [await publish(run, partition, raw) for partition, raw in enumerate(undecodable_batches(run))]
    run.assert_undisturbed(await receipt_time(run, others))
    behind = await run.publish("third", list(islice(organisations(run, "behind-undecodable"), 2 * PARTITIONS)))
    seconds = await run.wait_for_receipts([*positions, *behind], RECEIPTS_TIMEOUT)
    run.notes.append(f"receipts after {seconds:.1f} s")
    await loading
    rows = await wait_for_dead_letters(run, dead_letters + len(CONSUMERS_OF_INTAKE))
    processed = [str(message.id) in rows.inbox[service] for service in ("coaching", "notify")]
    assert all(processed), "a message with a header name that is not UTF-8 was not processed"
    assert not run.processes.exits, "a process exited because of a record"
    await run.wait_quiet()
    await discard_all(run)


def undecodable_batches(run: RunContext) -> Iterator[bytes]:
    """Yield one batch for each partition: valid events with invalid header names, and values that would fill the memory."""
    for partition, event in enumerate(islice(organisations(run, "undecodable"), PARTITIONS)):
        name = [*NOT_UTF8, None][partition % (len(NOT_UTF8) + 1)]
        yield batch_with_header(event.key, event.value, name) if name else decompression_bomb(event.key)


def organisations(run: RunContext, name: str) -> Iterator[SimulatedEvent]:
    """Yield valid events of the third partner, each about another organisation."""
    keys = set[bytes | None]()
    for event in run.partner_events("third", name, bad=0).events():
        if event.name == "organisation-submitted" and event.key not in keys:
            keys.add(event.key)
            yield event


async def publish(run: RunContext, partition: int, raw: bytes) -> RecordPosition:
    """Publish a batch with one record of the third partner."""
    topic = submissions_topic("third")
    return RecordPosition(topic, partition, await _produce(run, topic, partition, raw))


async def publish_internal(run: RunContext, message: Prepared) -> None:
    """Publish the message with each of the invalid header names, and one record that cannot be decompressed."""
    copies = [batch_with_header(message.record.key, message.record.value, name) for name in NOT_UTF8]
    for raw in (*copies, decompression_bomb(message.record.key)):
        await _produce(run, message.topic, message.partition, raw)


async def _produce(run: RunContext, topic: str, partition: int, raw: bytes) -> int:
    produced = await produce_at(run.cluster.endpoints.kafka, topic, partition, raw)
    assert produced.code == 0, f"Kafka refused a batch with code {produced.code}"
    return produced.offset


def _message(run: RunContext) -> Prepared:
    """Return a message about an organisation that no service knows."""
    message = prepare(ReadinessProgressed(new_id(), None, (), ("RC-501",)), dev_clock.stack_now(run.cluster.endpoints.clock))
    run.collector.injected.add(str(message.id))
    return message


def batch_with_header(key: bytes | None, value: bytes | None, name: bytes) -> bytes:
    """Return a batch of one record with this header besides those of an event in structured mode."""
    headers: list[Header] = [*((name.encode(), content) for name, content in STRUCTURED), (name, b"x")]
    return batch([record(0, key, value, headers)], timestamp=_now())


def decompression_bomb(key: bytes | None) -> bytes:
    """Return a batch of a few kilobytes that holds more than a consumer may accept once it is decompressed."""
    return batch([bytes(cramjam.zstd.compress(record(0, key, bytes(BOMB_BYTES))))], attributes=ZSTD, timestamp=_now())


def _now() -> int:
    return time.time_ns() // 1_000_000


FAULTS = [Fault("undecodable-record", undecodable_record)]
