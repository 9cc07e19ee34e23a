"""A small service for tests on a real stack: it records the numbers added to things and publishes each count."""

import asyncio
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID
from zlib import crc32

import asyncpg
import msgspec
from pydantic import SecretStr

from deploy.partner_client.publisher import Publisher
from deploy.partner_client.record import EventRecord
from deploy.provision.kafka_admin import KafkaAdmin, TopicSpec
from deploy.stack.endpoints import Endpoints
from shared.kafka.decoding import Decode, decoder_for
from shared.kafka.route import Route
from shared.messages.envelope import Envelope, Message
from shared.messages.ids import deterministic_uuid
from shared.messages.serialization import encode_envelope
from shared.pipeline.component import Component
from shared.pipeline.decider import Decider, Effect
from shared.pipeline.timer_scheduler import TIMERS
from shared.pipeline.timers import CancelTimers, ScheduleTimer, TimerDue
from shared.postgres.pool import Connection
from shared.runtime.process import run
from shared.runtime.service import Service
from shared.settings import Settings
from tests.support.topic_reader import TopicReader
from tests.support.waiting import wait_until

PARTITIONS = 4
ROOT = UUID(int=7)
MOMENT = datetime(2027, 2, 1, 9, tzinfo=UTC)


class Added(Message, frozen=True):
    """Number `n` was added to some things. `size` is the filler of the outputs in bytes, `timers` are to be scheduled."""

    kind: ClassVar[str] = "tandem.counter.added.v1"
    bus: str
    things: tuple[str, ...]
    n: int
    size: int = 0
    timers: tuple[Any, ...] = ()

    @property
    def subject(self) -> str:
        return self.things[0]


class Counted(Message, frozen=True):
    """The count of numbers of a thing, after number `n`."""

    kind: ClassVar[str] = "tandem.counter.counted.v1"
    bus: str
    thing: str
    n: int
    count: int
    filler: str

    @property
    def subject(self) -> str:
        return self.thing

    @property
    def topic(self) -> str:
        return f"{self.bus}.out"


class Counter(msgspec.Struct, frozen=True):
    """The numbers added to a thing, in order, and the steps of the timers that fired."""

    numbers: tuple[int, ...] = ()
    steps: tuple[str, ...] = ()


class Counters:
    """The table of counters."""

    prefix = "thing"

    async def load(self, db: Connection, keys: Sequence[str]) -> Mapping[str, Counter]:
        rows = await db.fetch("SELECT thing, numbers, steps FROM counter WHERE thing = ANY ($1::text[])", keys)
        return {row[0]: Counter(tuple(row[1]), tuple(row[2])) for row in rows}

    async def save(self, db: Connection, changed: Mapping[str, Counter]) -> None:
        numbers = [",".join(map(str, counter.numbers)) for counter in changed.values()]
        steps = [",".join(counter.steps) for counter in changed.values()]
        await db.execute(
            """INSERT INTO counter (thing, numbers, steps)
               SELECT thing, string_to_array(numbers, ',')::int[], string_to_array(steps, ',')
               FROM unnest($1::text[], $2::text[], $3::text[]) AS t (thing, numbers, steps)
               ON CONFLICT (thing) DO UPDATE SET numbers = excluded.numbers, steps = excluded.steps""",
            list(changed),
            numbers,
            steps,
        )


def keys(message: Added | TimerDue) -> tuple[str, ...]:
    return message.keys if isinstance(message, TimerDue) else message.things


def decider(broken: set[int]) -> Decider[Counter]:
    """Return the decider, which raises for the numbers in `broken`."""

    def decide(states: Mapping[str, Counter], incoming: Envelope[Any]) -> Iterator[Message | Effect]:
        message = incoming.data
        if isinstance(message, TimerDue):
            return
        if message.n in broken:
            raise LookupError(f"the secret word of number {message.n}")
        for subject, milestone, step, day in message.timers:
            yield (
                ScheduleTimer(subject, milestone, step, "lead", date.fromisoformat(day), "Europe/Brussels")
                if step
                else CancelTimers(subject, milestone)
            )
        for thing in message.things:
            count = len(states[thing].numbers) + 1
            yield Counted(bus=message.bus, thing=thing, n=message.n, count=count, filler="x" * message.size)

    def evolve(state: Counter, message: Message) -> Counter:
        if isinstance(message, TimerDue):
            return Counter(state.numbers, (*state.steps, message.step))
        return Counter((*state.numbers, message.n), state.steps) if isinstance(message, Added) else state

    return Decider(initial_state=lambda _: Counter(), keys=keys, decide=decide, evolve=evolve)


def envelope(message: Added, nth: int) -> Envelope[Added]:
    return Envelope(
        id=deterministic_uuid(ROOT, f"{message.bus}/{nth}"), source="/counter", subject=message.subject, time=MOMENT, data=message
    )


@dataclass
class Harness:
    """A counter service with a schema and topics of its own, and what a test does with it."""

    name: str
    kafka: str
    database: str
    admin: Any
    broken: set[int] = field(default_factory=set)
    ready_file: Path | None = None
    publisher: Any = None
    published_count: int = 0

    @property
    def settings(self) -> Settings:
        url = f"{self.database}?search_path={self.name}"
        return Settings(kafka=self.kafka, database=SecretStr(url), ready_file=self.ready_file)

    def service(
        self, concurrency: int = 2, max_records: int = 500, decode: Decode | None = None, pattern: str | None = None
    ) -> Service:
        return Service(
            self.name,
            decider(self.broken),
            stores=[Counters()],
            routes=[
                Route(
                    topic=None if pattern else f"{self.name}.in",
                    pattern=pattern,
                    decode=decode or decoder_for(Added),
                    max_records=max_records,
                    concurrency=concurrency,
                )
            ],
            components=[TIMERS, Component(local_inputs=[Added])],
        )

    @asynccontextmanager
    async def running(self, **how: Any) -> AsyncIterator[Service]:
        async with self.service(**how).running(self.settings) as service:
            yield service

    def added(self, *things: str, n: int, **more: Any) -> Added:
        return Added(bus=self.name, things=tuple(f"thing/{thing}" for thing in things), n=n, **more)

    async def publish(self, *messages: Added) -> None:
        """Publish messages in order, as one of our services would."""
        for message in messages:
            self.published_count += 1
            await self.publish_raw(message.subject, encode_envelope(envelope(message, self.published_count)))

    async def publish_raw(
        self, key: str, value: bytes | None, headers: Sequence[tuple[str, bytes | None]] = (), suffix: str = "in"
    ) -> None:
        """Publish these bytes as they are to an input topic of this harness."""
        partition = crc32(key.encode()) % PARTITIONS
        await self.publisher.publish(f"{self.name}.{suffix}", EventRecord(key, key.encode(), value, headers), partition)

    async def numbers(self, thing: str) -> list[int]:
        return await self.admin.fetchval(f"SELECT numbers FROM {self.name}.counter WHERE thing = 'thing/{thing}'") or []

    async def fetch(self, statement: str) -> list[Any]:
        await self.admin.execute(f"SET search_path = {self.name}")
        return [tuple(row) for row in await self.admin.fetch(statement)]

    async def wait_until_processed(self, count: int, seconds: float = 20) -> None:
        """Wait until `count` numbers are in the counters and the outbox is empty."""

        async def done() -> bool:
            processed = (await self.fetch("SELECT coalesce(sum(cardinality(numbers)), 0) FROM counter"))[0][0]
            assert processed <= count, f"{processed} numbers are in the counters, more than {count}"
            return processed == count and not await self.fetch("SELECT FROM outbox")

        await wait_until(done, seconds)

    async def published(self) -> list[tuple[Any, Counted]]:
        """Return the outputs with their records, in order per partition; of duplicates the first."""
        decode, first = decoder_for(Counted), dict[UUID, tuple[Any, Counted]]()
        for record in await TopicReader(self.kafka, [f"{self.name}.out"]).read_to_end():
            output = decode(record, MOMENT)
            assert output is not None
            first.setdefault(output.id, (record, output.data))
        return list(first.values())

    async def published_numbers(self) -> dict[str, list[int]]:
        """Return the numbers of the outputs by thing, in order."""
        numbers = defaultdict[str, list[int]](list)
        for _, counted in await self.published():
            numbers[counted.thing].append(counted.n)
        return numbers


def process(name: str) -> None:
    """Run the service as a process, with its settings from the environment."""
    run(lambda _: Harness(name, "", "", None).service(max_records=50))


SCHEMA = "CREATE TABLE counter (thing text PRIMARY KEY, numbers int[] NOT NULL, steps text[] NOT NULL)"
MIGRATIONS = Path(__file__).parents[2] / "shared/pipeline/migrations"


@asynccontextmanager
async def counter_service(stack: Endpoints, name: str) -> AsyncIterator[Harness]:
    """Create a harness on this stack; `name` is its schema and the prefix of its topics."""
    admin = await asyncpg.connect(stack.database)
    await admin.execute(f"CREATE SCHEMA {name}; SET search_path = {name}; {SCHEMA}")
    for file in sorted(MIGRATIONS.glob("*.sql")):
        await admin.execute(file.read_text())
    harness = Harness(name, stack.kafka, stack.database, admin)
    await declare_topics(harness)
    try:
        async with Publisher[EventRecord](stack.kafka) as harness.publisher:
            yield harness
    finally:
        await admin.close()


async def declare_topics(harness: Harness, suffixes: Sequence[str] = ("in", "out")) -> None:
    """Create the topics that do not exist, and store all of them as the topology."""
    rows = await asyncio.to_thread(create_topics, harness.kafka, harness.name, suffixes)
    await harness.fetch("TRUNCATE topology")
    await harness.admin.executemany("INSERT INTO topology (topic, topic_id, cluster_id, partitions) VALUES ($1, $2, $3, $4)", rows)


def create_topics(kafka: str, name: str, suffixes: Sequence[str]) -> list[tuple[str, str, str, int]]:
    wanted = {f"{name}.{suffix}": TopicSpec(PARTITIONS, 1, {}) for suffix in suffixes}
    with KafkaAdmin(kafka) as cluster:
        there = cluster.topics()
        cluster.create({topic: shape for topic, shape in wanted.items() if topic not in there})
        found, cluster_id = cluster.topics(), cluster.cluster_id()
    return [(topic, found[topic].id, cluster_id, PARTITIONS) for topic in wanted]


if __name__ == "__main__":
    process(sys.argv[1])
