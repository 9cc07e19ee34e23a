"""A service of the tests' own on real parts: told numbers about things, it counts them and says each count."""

import asyncio
import sys
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

from deploy.partner_client.publisher import EventRecord, Publisher
from deploy.provision.kafka_admin import KafkaAdmin, TopicSpec
from deploy.stack.endpoints import Endpoints
from shared.kafka.decoding import Decode, decoder_for
from shared.kafka.route import Route
from shared.messages.envelope import Envelope, Message, deterministic_uuid
from shared.messages.serialization import encode_envelope
from shared.pipeline.decider import Decider, Effect
from shared.pipeline.timer_scheduler import TIMERS
from shared.pipeline.timers import CancelTimers, ScheduleTimer, TimerDue
from shared.postgres.pool import Connection
from shared.runtime.component import Component
from shared.runtime.process import run
from shared.runtime.service import Service
from shared.settings import Settings
from tests.support.topic_reader import TopicReader
from tests.support.waiting import wait_until

PARTITIONS = 4
ROOT = UUID(int=7)
MOMENT = datetime(2027, 2, 1, 9, tzinfo=UTC)


class Added(Message, frozen=True):
    """Number `n` about some things. `size` asks for an answer of so many bytes, `timers` for timers."""

    kind: ClassVar[str] = "tandem.trial.told.v1"
    bus: str
    things: tuple[str, ...]
    n: int
    size: int = 0
    timers: tuple[Any, ...] = ()

    @property
    def subject(self) -> str:
        return self.things[0]


class Counted(Message, frozen=True):
    """The thing's count after number `n`."""

    kind: ClassVar[str] = "tandem.trial.counted.v1"
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


class Tally(msgspec.Struct, frozen=True):
    """Which numbers a thing was told, in order, and the timers that came."""

    numbers: tuple[int, ...] = ()
    steps: tuple[str, ...] = ()


class Tallies:
    """Tallies in their table."""

    prefix = "thing"

    async def load(self, db: Connection, keys: Sequence[str]) -> Mapping[str, Tally]:
        rows = await db.fetch("SELECT thing, numbers, steps FROM tally WHERE thing = ANY ($1::text[])", keys)
        return {row[0]: Tally(tuple(row[1]), tuple(row[2])) for row in rows}

    async def save(self, db: Connection, changed: Mapping[str, Tally]) -> None:
        numbers = [",".join(map(str, tally.numbers)) for tally in changed.values()]
        steps = [",".join(tally.steps) for tally in changed.values()]
        await db.execute(
            """INSERT INTO tally (thing, numbers, steps)
               SELECT thing, string_to_array(numbers, ',')::int[], string_to_array(steps, ',')
               FROM unnest($1::text[], $2::text[], $3::text[]) AS t (thing, numbers, steps)
               ON CONFLICT (thing) DO UPDATE SET numbers = excluded.numbers, steps = excluded.steps""",
            list(changed),
            numbers,
            steps,
        )


def keys(message: Added | TimerDue) -> tuple[str, ...]:
    return message.keys if isinstance(message, TimerDue) else message.things


def decider(broken: set[int]) -> Decider[Tally]:
    """The rules; a number that is `broken` makes them raise."""

    def decide(states: Mapping[str, Tally], heard: Envelope[Any]) -> Iterator[Message | Effect]:
        message = heard.data
        if isinstance(message, TimerDue):
            return
        if message.n in broken:
            raise LookupError(f"the secret word of number {message.n}")
        for about, milestone, step, day in message.timers:
            yield (
                ScheduleTimer(about, milestone, step, "lead", date.fromisoformat(day), "Europe/Brussels")
                if step
                else CancelTimers(about, milestone)
            )
        for thing in message.things:
            count = len(states[thing].numbers) + 1
            yield Counted(bus=message.bus, thing=thing, n=message.n, count=count, filler="x" * message.size)

    def evolve(state: Tally, fact: Message) -> Tally:
        if isinstance(fact, TimerDue):
            return Tally(state.numbers, (*state.steps, fact.step))
        return Tally((*state.numbers, fact.n), state.steps) if isinstance(fact, Added) else state

    return Decider(initial_state=lambda _: Tally(), keys=keys, decide=decide, evolve=evolve)


def envelope(told: Added, nth: int) -> Envelope[Added]:
    return Envelope(id=deterministic_uuid(ROOT, f"{told.bus}/{nth}"), source="/trial", subject=told.subject, time=MOMENT, data=told)


@dataclass
class Trial:
    """A schema and topics of one test's own, and a service on them."""

    name: str
    kafka: str
    database: str
    admin: Any
    broken: set[int] = field(default_factory=set)
    ready_file: Path | None = None
    publisher: Any = None
    said: int = 0

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
            stores=[Tallies()],
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

    def told(self, *things: str, n: int, **more: Any) -> Added:
        return Added(bus=self.name, things=tuple(f"thing/{thing}" for thing in things), n=n, **more)

    async def say(self, *all_told: Added) -> None:
        """Publishes them in order, as a publisher of our own would."""
        for told in all_told:
            self.said += 1
            await self.put(told.subject, encode_envelope(envelope(told, self.said)))

    async def put(self, key: str, value: bytes | None, headers: Sequence[tuple[str, bytes | None]] = (), end: str = "in") -> None:
        """Publishes these bytes as they are."""
        partition = crc32(key.encode()) % PARTITIONS
        await self.publisher.publish(f"{self.name}.{end}", EventRecord(key, key.encode(), value, headers), partition)

    async def tally(self, thing: str) -> list[int]:
        return await self.admin.fetchval(f"SELECT numbers FROM {self.name}.tally WHERE thing = 'thing/{thing}'") or []

    async def fetch(self, statement: str) -> list[Any]:
        await self.admin.execute(f"SET search_path = {self.name}")
        return [tuple(row) for row in await self.admin.fetch(statement)]

    async def settled(self, count: int, seconds: float = 20) -> None:
        """Waits until so many numbers are in the tallies and the outbox is empty."""

        async def done() -> bool:
            told = (await self.fetch("SELECT coalesce(sum(cardinality(numbers)), 0) FROM tally"))[0][0]
            assert told <= count, f"{told} numbers in the tallies, more than {count}"
            return told == count and not await self.fetch("SELECT FROM outbox")

        await wait_until(done, seconds)

    async def counted(self) -> list[tuple[Any, Counted]]:
        """All that was said, per partition in order: the record and what is in it, each id only the first time."""
        decode, first = decoder_for(Counted), dict[UUID, tuple[Any, Counted]]()
        for record in await TopicReader(self.kafka, [f"{self.name}.out"]).read_to_end():
            output = decode(record, MOMENT)
            assert output is not None
            first.setdefault(output.id, (record, output.data))
        return list(first.values())


def process(name: str) -> None:
    """The trial's service as a process of its own, with its settings from the environment."""
    run(lambda _: Trial(name, "", "", None).service(max_records=50))


SCHEMA = "CREATE TABLE tally (thing text PRIMARY KEY, numbers int[] NOT NULL, steps text[] NOT NULL)"
MIGRATIONS = Path(__file__).parents[2] / "shared/pipeline/migrations"


@asynccontextmanager
async def trial(stack: Endpoints, name: str) -> AsyncIterator[Trial]:
    """A trial on this stack; `name` is the schema's and the first word of the topics'."""
    admin = await asyncpg.connect(stack.database)
    await admin.execute(f"CREATE SCHEMA {name}; SET search_path = {name}; {SCHEMA}")
    for file in sorted(MIGRATIONS.glob("*.sql")):
        await admin.execute(file.read_text())
    here = Trial(name, stack.kafka, stack.database, admin)
    await make_topics(here)
    try:
        async with Publisher[EventRecord](stack.kafka) as here.publisher:
            yield here
    finally:
        await admin.close()


async def make_topics(here: Trial, ends: Sequence[str] = ("in", "out")) -> None:
    """Makes the trial's topics where they are not there, and writes down what is there."""
    rows = await asyncio.to_thread(made, here.kafka, here.name, ends)
    await here.fetch("TRUNCATE topology")
    await here.admin.executemany("INSERT INTO topology (topic, topic_id, cluster_id, partitions) VALUES ($1, $2, $3, $4)", rows)


def made(kafka: str, name: str, ends: Sequence[str]) -> list[tuple[str, str, str, int]]:
    wanted = {f"{name}.{end}": TopicSpec(PARTITIONS, 1, {}) for end in ends}
    with KafkaAdmin(kafka) as cluster:
        there = cluster.topics()
        cluster.create({topic: shape for topic, shape in wanted.items() if topic not in there})
        found, cluster_id = cluster.topics(), cluster.cluster_id()
    return [(topic, found[topic].id, cluster_id, PARTITIONS) for topic in wanted]


if __name__ == "__main__":
    process(sys.argv[1])
