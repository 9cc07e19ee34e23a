"""Transactions of partners: what was aborted never happened, what is open waits."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from aiokafka import AIOKafkaProducer

from deploy.partner_client.event_builder import encode_event
from deploy.partner_client.record import RecordPosition, submissions_topic
from deploy.simulator.simulated_event import SimulatedEvent
from tests.fault_injection.faults.bad_input import receipt_time
from tests.fault_injection.faults.fault import Fault
from tests.fault_injection.faults.undecodable_records import organisations
from tests.fault_injection.run_context import RunContext

EVENTS = 20
OPEN_SECONDS = 2.0


async def aborted_transaction(run: RunContext) -> None:
    """Abort a transaction, then commit corrected events under the same ids; other partners are not delayed (I7)."""
    loading = asyncio.create_task(run.load(8))
    others = run.partner_events("second", "beside-transaction", bad=0).events()
    wrong = list(islice(organisations(run, "transaction"), EVENTS))
    kafka, name = run.cluster.endpoints.kafka, f"faults-{run.seed}"
    async with AIOKafkaProducer(bootstrap_servers=kafka, transactional_id=name) as producer:
        await producer.begin_transaction()
        aborted = [await send(producer, event) for event in wrong]
        await asyncio.sleep(OPEN_SECONDS)
        await producer.abort_transaction()
        await producer.begin_transaction()
        corrected = await send_corrected(run, producer, wrong)
        run.assert_undisturbed(await receipt_time(run, others))
        await asyncio.sleep(OPEN_SECONDS)
        assert not _with_receipt(run, corrected), "events of an open transaction have receipts"
        await producer.commit_transaction()
    await run.wait_for_receipts(corrected, 30)
    await loading
    await run.wait_quiet()
    assert not _with_receipt(run, aborted), "events of an aborted transaction have receipts"
    run.notes.append(f"{len(aborted)} events aborted, {len(corrected)} committed under the same ids")


async def send(producer: AIOKafkaProducer, event: SimulatedEvent) -> RecordPosition:
    """Publish an event of the third partner in the open transaction."""
    topic = submissions_topic("third")
    metadata = await producer.send_and_wait(topic, event.value, event.key, headers=list(event.headers))
    return RecordPosition(metadata.topic, metadata.partition, metadata.offset)


async def send_corrected(run: RunContext, producer: AIOKafkaProducer, wrong: Sequence[SimulatedEvent]) -> list[RecordPosition]:
    """Publish each event again with another name in it, under its id; the checker expects that all are accepted."""
    positions = []
    for event in wrong:
        body = {**event.body, "data": {**event.body["data"], "place": "Andere Voorbeeldstad"}}
        corrected = replace(event, body=body, value=encode_event(body))
        positions.append(await send(producer, corrected))
        run.publisher.published[positions[-1]] = corrected
    return positions


def _with_receipt(run: RunContext, positions: Sequence[RecordPosition]) -> list[RecordPosition]:
    return [position for position in positions if position in run.receipts]


FAULTS = [Fault("aborted-transaction", aborted_transaction)]
