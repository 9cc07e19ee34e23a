"""Intake as a process of its own with Kafka and PostgreSQL: the contract cases, and new partners without a restart."""

import asyncio
import gzip
import json
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import cramjam
import pytest
from aiokafka import AIOKafkaProducer
from kafka import KafkaAdminClient, KafkaConsumer, codec
from kafka.errors import UnsupportedCodecError

from deploy.partner_client.client import Receipt, decode_receipt
from deploy.partner_client.publisher import Publisher
from deploy.partner_client.record import EventRecord, RecordPosition, receipts_topic, submissions_topic
from deploy.partner_client.send import NotPublished, send
from deploy.partner_client.topic_tail import TopicTail
from deploy.provision import topology
from deploy.provision.kafka_admin import KafkaAdmin, TopicSpec
from deploy.stack.endpoints import SERVICES, Endpoints, environment
from deploy.stack.process import ManagedProcess, spawn
from services.intake.contract import STRUCTURED
from services.intake.ids import tandem_id
from shared import clock
from shared.kafka.fetching.bounded_codec import MAX_BATCH_BYTES
from tests.contract.case import CASES, Step, steps, within
from tests.support.intake_harness import POLICY_FILE, event
from tests.support.raw_batches import batch, produce, record

GZIP = 1
NEW_PARTNERS = {"other": ["organisation-submitted"], "school": ["expert-submitted"]}
TOPICS = [f"tandem.partner.{id}.{side}" for id in NEW_PARTNERS for side in ("submissions", "receipts")]


class IntakeProcess(NamedTuple):
    """Intake's process, with both sides of its partners' topics."""

    process: ManagedProcess
    publisher: Publisher[EventRecord]
    receipts: TopicTail[Receipt]

    async def send(self, step: Step) -> RecordPosition:
        record = EventRecord("case", step.key or b"case", step.value, step.headers)
        return await self.publisher.publish(submissions_topic(step.partner), record)

    async def receipt_of(self, position: RecordPosition) -> Mapping[str, Any]:
        return (await self.receipts.first(lambda it: it.position == position, "receipt", "intake")).data


@pytest.fixture(scope="module")
def policy(var: Path) -> Path:
    """A policy file that knows one partner at first."""
    path = var / "policy.toml"
    path.write_text(POLICY_FILE.read_text())
    return path


@pytest.fixture(scope="module")
async def intake(stack: Endpoints, kafka: str, policy: Path) -> AsyncIterator[IntakeProcess]:
    """Intake starts before the new partners get their topics and their entries in the policy."""
    async with running(stack, policy) as process:
        add_partners(policy)
        await asyncio.to_thread(create_topics, kafka)
        await topology.apply(kafka, stack.database)
        topics = [receipts_topic(partner) for partner in ("demo", *NEW_PARTNERS)]
        async with Publisher[EventRecord](kafka) as publisher, TopicTail(kafka, topics, decode_receipt) as receipts:
            yield IntakeProcess(process, publisher, receipts)
    await asyncio.to_thread(delete_topics, kafka)
    await delete_topology(stack)


@asynccontextmanager
async def running(stack: Endpoints, policy: Path) -> AsyncIterator[ManagedProcess]:
    variables = environment(stack, "intake") | {"TANDEM_POLICY": str(policy)}
    process = await spawn("intake", [sys.executable, "-m", "services.intake"], stack.var, environment=variables)
    await process.wait_until(process.logged_ready)
    try:
        yield process
    finally:
        await process.stop()


def add_partners(policy: Path) -> None:
    partners = [f'[[partners]]\nid = "{id}"\ngrants = {json.dumps(grants)}\n' for id, grants in NEW_PARTNERS.items()]
    policy.write_text("\n".join([policy.read_text(), *partners]))


def create_topics(kafka: str) -> None:
    with KafkaAdmin(kafka) as cluster:
        cluster.create({name: TopicSpec(partitions=12, replication=1, settings={}) for name in TOPICS})


def delete_topics(kafka: str) -> None:
    """Delete the topics of the new partners, and wait until they are gone."""
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    admin.delete_topics(TOPICS)
    admin.close()
    with KafkaAdmin(kafka) as cluster:
        while set(TOPICS) & cluster.topics().keys():
            pass


async def delete_topology(stack: Endpoints) -> None:
    connection = await asyncpg.connect(stack.database)
    for service in SERVICES:
        await connection.execute(f"DELETE FROM {service}.topology WHERE topic = ANY ($1)", TOPICS)
    await connection.close()


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_each_record_of_a_case_gets_the_expected_receipt_through_kafka(intake: IntakeProcess, path: Path) -> None:
    for step in steps(path, clock.now().date()):
        receipt = await intake.receipt_of(await intake.send(step))
        assert within(step.receipt, receipt), receipt


async def test_record_that_kafka_refuses_is_reported_and_the_others_get_their_receipts(intake: IntakeProcess, kafka: str) -> None:
    valid = [json.dumps(event("organisation-submitted", f"sent-{n}", organisation=f"sent-{n}")).encode() for n in range(2)]
    events = [
        EventRecord("one", b"sent", valid[0]),
        EventRecord("too large", b"sent", b"x" * (1 << 20)),
        EventRecord("two", b"sent", valid[1]),
    ]

    results = {sent.name: result async for sent, result in send(kafka, "demo", events, 30)}

    assert isinstance(results.pop("too large"), NotPublished)
    assert {name: receipt["outcome"] for name, receipt in results.items() if not isinstance(receipt, NotPublished)} == {
        "one": "accepted",
        "two": "accepted",
    }


async def test_receipts_can_be_read_without_any_compression_library(
    intake: IntakeProcess, kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for library in ("snappy", "lz4", "lz4f", "lz4framed", "zstd"):
        monkeypatch.setattr(codec, library, None)
    position = await intake.send(step_of(event("organisation-submitted", "codec-1", organisation="codec-1"), 1))
    await intake.receipt_of(position)

    receipts = await asyncio.to_thread(read_all, kafka, receipts_topic("demo"))

    assert any(
        RecordPosition(*(receipt["data"][name] for name in ("topic", "partition", "offset"))) == position for receipt in receipts
    )
    with pytest.raises(UnsupportedCodecError):
        await asyncio.to_thread(read_all, kafka, "tandem.intake")


def read_all(kafka: str, topic: str) -> list[Any]:
    """Every record of a topic, by another client than the services use."""
    consumer = KafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="earliest", consumer_timeout_ms=5000)
    try:
        return [json.loads(record.value) for record in consumer]
    finally:
        consumer.close()


async def test_a_record_that_the_kafka_client_cannot_read_gets_its_receipt(intake: IntakeProcess, kafka: str) -> None:
    """A header name that is not valid UTF-8, and a batch that would fill the memory."""
    topic, partition, now = submissions_topic("demo"), 5, time.time_ns() // 1_000_000
    value = json.dumps(event("organisation-submitted", "odd-name", organisation="odd-name")).encode()
    headers = [*((name.encode(), content) for name, content in STRUCTURED), (b"caf\xe9", b"x")]
    bomb = bytes(cramjam.zstd.compress(record(0, b"case", bytes(4 * MAX_BATCH_BYTES))))

    assert await produce(kafka, topic, partition, batch([record(0, b"case", value, headers)], timestamp=now)) == 0
    assert await produce(kafka, topic, partition, batch([bomb], attributes=4, timestamp=now)) == 0
    after = event("organisation-submitted", "after-odd", organisation="after-odd")
    last = await intake.publisher.publish(topic, EventRecord("after", b"case", json.dumps(after).encode(), STRUCTURED), partition)

    accepted = await intake.receipt_of(last._replace(offset=last.offset - 2))
    rejected = await intake.receipt_of(last._replace(offset=last.offset - 1))
    assert (accepted["outcome"], accepted["event_id"]) == ("accepted", "odd-name")
    assert rejected["outcome"] == "rejected" and "event_id" not in rejected
    assert rejected["problem"]["type"].endswith("unreadable-record")
    assert (await intake.receipt_of(last))["outcome"] == "accepted"


async def test_an_aborted_transaction_gets_no_receipt_and_its_event_may_be_corrected(intake: IntakeProcess, kafka: str) -> None:
    topic = submissions_topic("demo")
    async with AIOKafkaProducer(bootstrap_servers=kafka, transactional_id="partner-demo") as producer:
        await producer.begin_transaction()
        wrong = json.dumps(event("organisation-submitted", "corrected", organisation="wrong")).encode()
        aborted = await producer.send_and_wait(topic, wrong, key=b"case", partition=6, headers=list(STRUCTURED))
        await producer.abort_transaction()
        await producer.begin_transaction()
        right = json.dumps(event("organisation-submitted", "corrected", organisation="right")).encode()
        committed = await producer.send_and_wait(topic, right, key=b"case", partition=6, headers=list(STRUCTURED))
        await producer.commit_transaction()

    assert (await intake.receipt_of(RecordPosition(topic, 6, committed.offset)))["outcome"] == "accepted"
    assert RecordPosition(topic, 6, aborted.offset) not in {receipt.position for receipt in intake.receipts.received}


@pytest.mark.parametrize("shape", ["many empty objects", "close to every limit"])
async def test_hard_records_of_one_key_keep_no_other_key_waiting(intake: IntakeProcess, kafka: str, shape: str) -> None:
    """Promise I7: others wait less than five seconds, whatever one partner sends. Compressed, 600 records are one fetch."""
    topic, partition = submissions_topic("demo"), 7
    part: list[Any] = [{}] * 82_000 if shape == "many empty objects" else ["x\\" * 42] * 1_900
    hard = json.dumps(event("organisation-submitted", "hard", organisation="hard", zz={"smile": "😀", "z": part})).replace(" ", "")
    headers = [(name.encode(), content) for name, content in STRUCTURED]
    compressed = gzip.compress(b"".join(record(n, b"hard", hard.encode(), headers) for n in range(60)))
    for _ in range(10):
        await produce(kafka, topic, partition, batch([compressed], GZIP, count=60, timestamp=time.time_ns() // 1_000_000))

    for n, other in enumerate((8, 9, 10, 11)):
        submitted = event("organisation-submitted", f"other-{shape}-{n}", organisation=f"other-{n}")
        started = time.monotonic()
        one = EventRecord("other", b"other", json.dumps(submitted).encode(), STRUCTURED)
        receipt = await intake.receipt_of(await intake.publisher.publish(topic, one, other))
        assert receipt["outcome"] == "accepted"
        assert time.monotonic() - started < 5


async def test_killed_intake_answers_every_record_and_republishes_receipts_under_the_same_id(
    stack: Endpoints, intake: IntakeProcess, policy: Path, database: asyncpg.Connection
) -> None:
    """It is killed with records in flight, and another process takes over."""
    events = [event("organisation-submitted", f"killed-{n}", organisation=f"killed-{n}") for n in range(300)]
    first = [await intake.send(step_of(submitted, n)) for n, submitted in enumerate(events[:150])]
    await intake.process.kill()
    rest = [await intake.send(step_of(submitted, n)) for n, submitted in enumerate(events[150:], 150)]

    async with running(stack, policy):
        for position in (*first, *rest):
            assert (await intake.receipt_of(position))["outcome"] == "accepted"

    ids = dict(receipt_ids(intake.receipts.received, {*first, *rest}))
    assert len(ids) == 300
    stored = [tandem_id("demo", "organisation", f"killed-{n}") for n in range(300)]
    assert await database.fetchval("SELECT count(*) FROM intake.organisations WHERE id = ANY ($1)", stored) == 300


def step_of(event: dict[str, Any], n: int) -> Step:
    return Step("demo", f"killed-{n % 20}".encode(), json.dumps(event).encode(), STRUCTURED, {})


def receipt_ids(receipts: Sequence[Receipt], positions: set[RecordPosition]) -> Iterator[tuple[RecordPosition, UUID]]:
    """Each position with the id of its receipt; a receipt that was published again must have the same id."""
    known: dict[RecordPosition, UUID] = {}
    for receipt in receipts:
        if receipt.position in positions:
            assert known.setdefault(receipt.position, receipt.id) == receipt.id
            yield receipt.position, receipt.id
