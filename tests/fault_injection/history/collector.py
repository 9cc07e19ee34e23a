"""Who gathers the evidence: from the bus, from the mail server, and from the rows as the administrator reads them."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import AsyncExitStack
from hashlib import blake2b
from typing import Any

import asyncpg
import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.operations import dev_clock
from deploy.partner_client.topic_tail import RecordPosition
from deploy.simulator.simulated_event import SimulatedEvent
from deploy.stack.endpoints import SERVICES
from shared.postgres.named_queries import load_queries
from tests.fault_injection.cluster.cluster import PARTNERS, Cluster
from tests.fault_injection.history.model import History, Parked, Rows, Said, Violation

SQL = load_queries(__file__)
OURS = ("tandem.intake", "tandem.private", "tandem.matching", "tandem.coaching", "tandem.notify")
RECEIPTS = tuple(f"tandem.partner.{partner}.receipts" for partner in PARTNERS)
SUBMISSIONS = tuple(f"tandem.partner.{partner}.submissions" for partner in PARTNERS)
LISTENS = {
    "intake": SUBMISSIONS,
    "matching": ("tandem.intake", "tandem.notify", "tandem.matching"),
    "coaching": ("tandem.intake", "tandem.matching", "tandem.notify"),
    "notify": ("tandem.private", "tandem.intake", "tandem.matching", "tandem.coaching"),
}


class Gathered:
    """Every record of these topics so far, read on from where the last reading ended."""

    def __init__(self, topics: Sequence[str]) -> None:
        self.topics, self.records, self._next = topics, list[Any](), dict[TopicPartition, int]()

    async def read(self, kafka: str) -> None:
        consumer = AIOKafkaConsumer(*self.topics, bootstrap_servers=kafka, auto_offset_reset="earliest", max_poll_records=5000)
        await consumer.start()
        try:
            ends = await consumer.end_offsets(consumer.assignment())
            for part in ends:
                consumer.seek(part, self._next.get(part, 0))
            while any([await consumer.position(part) < end for part, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    self.records += records
            self._next = {part: await consumer.position(part) for part in ends}
        finally:
            await consumer.stop()


class Collector:
    """Of one site. `planted`: ids of messages that a test itself puts on our topics."""

    def __init__(self, site: Cluster) -> None:
        self.cluster = site
        self.ours, self.theirs = Gathered([*OURS, *RECEIPTS]), Gathered(SUBMISSIONS)
        self.planted = set[str]()
        self.published: dict[RecordPosition, SimulatedEvent] = {}

    async def evidence(self) -> History:
        """All that can be seen by now."""
        await asyncio.gather(self.ours.read(self.cluster.endpoints.kafka), self.theirs.read(self.cluster.endpoints.kafka))
        said = [it for record in self.ours.records if (it := read(record))]
        answered = {place: items for place, event in self.published.items() if (items := _answers(event))}
        return History(
            submitted={place: self._expected(place) for place in map(_place, self.theirs.records)},
            said=sorted(said, key=lambda it: it.place),
            mails=self.cluster.post.letters,
            rows=await self.rows(),
            planted=frozenset(self.planted),
            answered=answered,
        )

    def _expected(self, place: RecordPosition) -> str | None:
        event = self.published.get(place)
        return event.expected if event else None

    async def rows(self) -> Rows:
        db = await asyncpg.connect(self.cluster.endpoints.database, timeout=20)
        try:
            await db.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
            tandems, proposals = await db.fetch(SQL["tandems"]), await db.fetch(SQL["proposals"])
            return Rows(
                inbox={of: frozenset(row[0] for row in await db.fetch(_of(of, "inbox"))) for of in SERVICES},
                parked=[_parked(of, row) for of in SERVICES for row in await db.fetch(_of(of, "parked"))],
                stuck=await stuck(self.cluster, db),
                emails=[dict(row) for row in await db.fetch(SQL["emails"])],
                contacts={row[0]: row[1] for row in await db.fetch(SQL["contacts"])},
                pool=frozenset(row[0] for row in await db.fetch(SQL["pool"])),
                missing_s={row[0]: tuple(row[1]) for row in await db.fetch(SQL["missing_s"])},
                answers={row[0]: row[1] for row in await db.fetch(SQL["answers"])},
                tandems={who: frozenset(row[1] for row in tandems if row[0] == who) for who in ("coaching", "notify")},
                proposals={row["match"]: row["formed"] for row in proposals},
                planned={row[0]: row[1] for row in await db.fetch(SQL["planned"])},
            )
        finally:
            await db.close()


async def stuck(site: Cluster, db: asyncpg.Connection) -> list[str]:
    """What waits though nothing should: rows, letters, locks, leases, and records that nobody has handled."""
    now = dev_clock.stack_now(site.endpoints.clock)
    found = [row[0] for name in ("emails_waiting", "draws_wait", "locks") for row in await db.fetch(SQL[name])]
    for service in SERVICES:
        found += [f"{service} {row[0]}" for row in await db.fetch(_of(service, "waits"), now)]
        found += [f"{service} {row[0]}" for row in await db.fetch(_of(service, "leases"))]
    return found + await _behind(site, db)


async def _behind(site: Cluster, db: asyncpg.Connection) -> list[str]:
    """Partitions of which not all is handled, by the positions and by the bus's own count of each group."""
    topics = sorted({topic for topics in LISTENS.values() for topic in topics})
    async with AsyncExitStack() as stack:
        consumer = AIOKafkaConsumer(*topics, bootstrap_servers=site.endpoints.kafka)
        stack.push_async_callback(consumer.stop)
        await consumer.start()
        admin = AIOKafkaAdminClient(bootstrap_servers=site.endpoints.kafka)
        stack.push_async_callback(admin.close)
        await admin.start()
        ends = await consumer.end_offsets(consumer.assignment())
        hints = {service: await admin.list_consumer_group_offsets(service) for service in SERVICES}
    late = []
    for service in SERVICES:
        handled = {TopicPartition(row[0], row[1]): row[2] for row in await db.fetch(_of(service, "positions"))}
        for part, end in ends.items():
            if part.topic in LISTENS[service] and end:
                late += [f"{service} has not handled {part}"] * (handled.get(part, 0) < end)
                late += [f"{service} lags on the bus at {part}"] * (part not in hints[service] or hints[service][part].offset < end)
    return late


AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What asyncpg says where the database is away, or goes in the middle of a word."""


class Watch:
    """Looks at each message as it appears on the bus: its cause must stand in the inbox of who said it by then (I4)."""

    def __init__(self, site: Cluster, planted: set[str]) -> None:
        self.cluster, self.planted, self.violations = site, planted, list[Violation]()
        self._asked: list[Said] = []

    async def follow(self) -> None:
        """From now on, until cancelled; while the bus or the database is away it waits."""
        consumer = AIOKafkaConsumer(*OURS, *RECEIPTS, bootstrap_servers=self.cluster.endpoints.kafka, fetch_max_wait_ms=50)
        await consumer.start()
        try:
            await consumer.seek_to_end()
            while True:
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    self._asked += [it for record in records if (it := read(record))]
                await self._ask()
        finally:
            await consumer.stop()

    async def _ask(self) -> None:
        asked, self._asked = [it for it in self._asked if it.id not in self.planted], []
        if not asked:
            return
        try:
            db = await asyncpg.connect(self.cluster.endpoints.database, timeout=5)
        except AWAY:
            self._asked = asked
            return
        try:
            for service in SERVICES:
                mine = {it.cause: it for it in asked if it.service == service}
                for row in await db.fetch(_of(service, "unheard"), list(mine)):
                    self.violations.append(
                        Violation("I4", f"{mine[row[0]].kind} {mine[row[0]].id} was said before it was committed")
                    )
        except AWAY:
            self._asked = asked + self._asked
        finally:
            db.terminate()


def read(record: Any) -> Said | None:
    """A record of ours; none where it is nothing of the sort, as what a test puts there."""
    try:
        event = msgspec.json.decode(record.value or b"")
        head = event["id"], event["type"], event["subject"], event.get("causationid", ""), event["data"]
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError, UnicodeDecodeError):
        return None
    return Said(_place(record), (record.key or b"").decode(), *head, blake2b(record.value, digest_size=12).digest())


def _place(record: Any) -> RecordPosition:
    return RecordPosition(record.topic, record.partition, record.offset)


def _answers(event: SimulatedEvent) -> Sequence[str]:
    if event.name != "readiness-reported" or event.expected != "accepted":
        return ()
    return [answer["item"] for answer in event.body["data"]["answers"]]


def _parked(service: str, row: Any) -> Parked:
    place = RecordPosition(row["topic"], row["partition"], row["record_offset"]) if row["topic"] else None
    return Parked(service, place, row["kind"], row["error"])


def _of(service: str, name: str) -> str:
    return SQL[name].replace("SERVICE", service)
