"""Intake as a process of its own on a real bus: each case gets its receipt there too, and a partner more needs no restart."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer
from kafka import KafkaAdminClient

from deploy.partner_client.publisher import EventRecord
from deploy.partner_client.send import NotPublished, send
from deploy.partner_client.topic_tail import Record, RecordPosition, TopicTail
from deploy.provision import topology
from deploy.provision.kafka_admin import KafkaAdmin, TopicSpec
from deploy.stack.endpoints import SERVICES, Endpoints, environment
from deploy.stack.process import ManagedProcess, spawn
from services.intake.contract import STRUCTURED
from services.intake.ids import tandem_id
from shared import clock
from tests.contract.case import CASES, Step, steps, within
from tests.support.intake_harness import POLICY_FILE, event

NEWCOMERS = {"other": ["organisation-submitted"], "school": ["expert-submitted"]}
TOPICS = [f"tandem.partner.{id}.{side}" for id in NEWCOMERS for side in ("submissions", "receipts")]


class Answer(NamedTuple):
    """A receipt with the place of the record that it answers."""

    place: RecordPosition
    id: str
    data: dict[str, Any]


def answer(record: Record) -> Answer:
    envelope = json.loads(record.value or b"")
    data = envelope["data"]
    return Answer(RecordPosition(data["topic"], data["partition"], data["offset"]), envelope["id"], data)


class Door(NamedTuple):
    """Intake's process, with the two ends of its partners' topics."""

    child: ManagedProcess
    producer: AIOKafkaProducer
    receipts: TopicTail[Answer]

    async def send(self, step: Step) -> RecordPosition:
        topic = f"tandem.partner.{step.partner}.submissions"
        meta = await self.producer.send_and_wait(topic, step.value, step.key or b"case", headers=list(step.headers))
        return RecordPosition(meta.topic, meta.partition, meta.offset)

    async def answered(self, place: RecordPosition) -> dict[str, Any]:
        return (await self.receipts.first(lambda it: it.place == place, "a receipt", "intake")).data


@pytest.fixture(scope="module")
def policy(var: Path) -> Path:
    """A policy file of our own, which knows one partner at first."""
    path = var / "policy.toml"
    path.write_text(POLICY_FILE.read_text())
    return path


@pytest.fixture(scope="module")
async def door(stack: Endpoints, kafka: str, policy: Path) -> AsyncIterator[Door]:
    """Intake runs before the newcomers are let in: by a line in the policy, and topics of their own."""
    async with running(stack, policy) as child:
        admit(policy)
        await asyncio.to_thread(make, kafka)
        await topology.apply(kafka, stack.database)
        receipts = [name for name in (*TOPICS, "tandem.partner.demo.receipts") if name.endswith("receipts")]
        producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", max_request_size=1 << 20)
        async with producer, TopicTail(kafka, receipts, answer) as tail:
            yield Door(child, producer, tail)
    await asyncio.to_thread(unmake, kafka)
    await forget(stack)


@asynccontextmanager
async def running(stack: Endpoints, policy: Path) -> AsyncIterator[ManagedProcess]:
    told = environment(stack, "intake") | {"TANDEM_POLICY": str(policy)}
    child = await spawn("intake", [sys.executable, "-m", "services.intake"], stack.var, environment=told)
    await child.wait_until(child.logged_ready)
    try:
        yield child
    finally:
        await child.stop()


def admit(policy: Path) -> None:
    newcomers = [f'[[partners]]\nid = "{id}"\ngrants = {json.dumps(grants)}\n' for id, grants in NEWCOMERS.items()]
    policy.write_text("\n".join([policy.read_text(), *newcomers]))


def make(kafka: str) -> None:
    with KafkaAdmin(kafka) as cluster:
        cluster.create({name: TopicSpec(partitions=12, replication=1, settings={}) for name in TOPICS})


def unmake(kafka: str) -> None:
    """Leaves the bus as it was."""
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    admin.delete_topics(TOPICS)
    admin.close()
    with KafkaAdmin(kafka) as cluster:
        while set(TOPICS) & cluster.topics().keys():
            pass


async def forget(stack: Endpoints) -> None:
    connection = await asyncpg.connect(stack.database)
    for service in SERVICES:
        await connection.execute(f"DELETE FROM {service}.topology WHERE topic = ANY ($1)", TOPICS)
    await connection.close()


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_a_case_gets_its_receipts_on_the_bus(door: Door, path: Path) -> None:
    for step in steps(path, clock.now().date()):
        given = await door.answered(await door.send(step))
        assert within(step.receipt, given), given


async def test_an_event_that_the_bus_does_not_take_is_named_and_the_others_get_their_receipts(door: Door, kafka: str) -> None:
    sound = [json.dumps(event("organisation-submitted", f"sent-{n}", organisation=f"sent-{n}")).encode() for n in range(2)]
    made = [
        EventRecord("one", b"sent", sound[0]),
        EventRecord("too large", b"sent", b"x" * (1 << 20)),
        EventRecord("two", b"sent", sound[1]),
    ]

    given = {one.name: outcome async for one, outcome in send(kafka, "demo", made, 30)}

    assert isinstance(given.pop("too large"), NotPublished)
    assert {name: receipt["outcome"] for name, receipt in given.items() if not isinstance(receipt, NotPublished)} == {
        "one": "accepted",
        "two": "accepted",
    }


async def test_a_killed_intake_answers_every_record_once_and_says_the_rest_once(
    stack: Endpoints, door: Door, policy: Path, database: asyncpg.Connection
) -> None:
    """It dies with work in hand; another takes over. A second copy on the wire has the same id."""
    made = [event("organisation-submitted", f"killed-{n}", organisation=f"killed-{n}") for n in range(300)]
    first = [await door.send(step_of(one, n)) for n, one in enumerate(made[:150])]
    await door.child.kill()
    rest = [await door.send(step_of(one, n)) for n, one in enumerate(made[150:], 150)]

    async with running(stack, policy):
        for place in (*first, *rest):
            assert (await door.answered(place))["outcome"] == "accepted"

    ids = dict(distinct(door.receipts.received, {*first, *rest}))
    assert len(ids) == 300
    stored = [tandem_id("demo", "organisation", f"killed-{n}") for n in range(300)]
    assert await database.fetchval("SELECT count(*) FROM intake.organisations WHERE id = ANY ($1)", stored) == 300


def step_of(made: dict[str, Any], n: int) -> Step:
    return Step("demo", f"killed-{n % 20}".encode(), json.dumps(made).encode(), STRUCTURED, {})


def distinct(seen: Sequence[Answer], places: set[RecordPosition]) -> Iterator[tuple[RecordPosition, str]]:
    """Each place with the id of its receipt; a second copy must bear the same."""
    known: dict[RecordPosition, str] = {}
    for one in seen:
        if one.place in places:
            assert known.setdefault(one.place, one.id) == one.id
            yield one.place, one.id
