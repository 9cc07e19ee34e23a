"""Collects the history of a run from Kafka, the mail server and, as the administrator, PostgreSQL."""

import asyncio
import json
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import asyncpg
import msgspec

from deploy.partner_client.record import RecordPosition, receipts_topic, submissions_topic
from deploy.partner_client.topic_tail import Record
from deploy.simulator.simulated_event import SimulatedEvent
from deploy.stack.endpoints import SERVICES
from tests.fault_injection.cluster.cluster import PARTNERS, Cluster
from tests.fault_injection.history.model import DeadLetter, History, PublishedMessage, Rows
from tests.fault_injection.history.queries import SQL, service_query
from tests.fault_injection.history.unfinished_work import find_unfinished
from tests.support.topic_reader import TopicReader

INTERNAL_TOPICS = ("tandem.intake", "tandem.private", "tandem.matching", "tandem.coaching", "tandem.notify")
RECEIPT_TOPICS = tuple(map(receipts_topic, PARTNERS))
SUBMISSION_TOPICS = tuple(map(submissions_topic, PARTNERS))


class Collector:
    """Collects from one cluster. `injected` holds the ids of messages that a fault publishes on internal topics."""

    def __init__(self, cluster: Cluster) -> None:
        self.injected = set[str]()
        self._cluster = cluster
        self._messages = TopicReader(cluster.endpoints.kafka, [*INTERNAL_TOPICS, *RECEIPT_TOPICS])
        self._submissions = TopicReader(cluster.endpoints.kafka, SUBMISSION_TOPICS)

    async def published_messages(self) -> list[PublishedMessage]:
        """All messages of our services so far."""
        return [message for record in await self._messages.read_to_end() if (message := decode_message(record))]

    async def history(self, submitted: dict[RecordPosition, SimulatedEvent]) -> History:
        """Everything observable by now; `submitted` are the events that the run has published."""
        published, submissions = await asyncio.gather(self.published_messages(), self._submissions.read_to_end())
        expected = {position: submitted[position].expected for position in submitted}
        return History(
            expected_outcomes={position: expected.get(position) for position in map(_position, submissions)},
            published=sorted(published, key=lambda message: message.position),
            received_emails=self._cluster.received_emails,
            rows=await self.rows(),
            injected=frozenset(self.injected),
            answered_items={position: items for position, event in submitted.items() if (items := _answered_items(event))},
        )

    async def rows(self) -> Rows:
        """The rows as they are now."""
        db = await asyncpg.connect(self._cluster.endpoints.database, timeout=20)
        try:
            await db.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
            tandems = await db.fetch(SQL["tandems"])
            return Rows(
                inbox={s: frozenset(row[0] for row in await db.fetch(service_query(s, "inbox"))) for s in SERVICES},
                dead_letters=[_dead_letter(s, row) for s in SERVICES for row in await db.fetch(service_query(s, "dead_letters"))],
                unfinished=await find_unfinished(self._cluster, db),
                emails=[dict(row) for row in await db.fetch(SQL["emails"])],
                contacts=await _pairs(db, "contacts"),
                pool=frozenset(row[0] for row in await db.fetch(SQL["pool"])),
                missing_s={row[0]: tuple(row[1]) for row in await db.fetch(SQL["missing_s"])},
                answers=await _pairs(db, "answers"),
                tandems={s: frozenset(row["tandem"] for row in tandems if row["service"] == s) for s in ("coaching", "notify")},
                proposals=await _pairs(db, "proposals"),
                evaluation_sequences=await _pairs(db, "evaluation_sequences"),
            )
        finally:
            await db.close()


async def _pairs(db: asyncpg.Connection, name: str) -> dict[str, Any]:
    """Run a query with two columns: a unique key and a value."""
    return {row[0]: row[1] for row in await db.fetch(SQL[name])}


def decode_message(record: Record) -> PublishedMessage | None:
    """Return the message of a record; None if it is no CloudEvent, because a fault published it."""
    try:
        event = _tombstone(record) if record.value is None else msgspec.json.decode(record.value)
        attributes = event["id"], event["type"], event["subject"], event.get("causationid", ""), event["data"]
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError, UnicodeDecodeError):
        return None
    digest = blake2b(record.value or b"", digest_size=12).digest()
    return PublishedMessage(_position(record), (record.key or b"").decode(), *attributes, digest)


def _tombstone(record: Record) -> dict[str, Any]:
    """Return the attributes of a record without a value: they are headers."""
    return {"data": {}} | {name.removeprefix("ce_"): (value or b"").decode() for name, value in record.headers}


def _position(record: Record) -> RecordPosition:
    return RecordPosition(record.topic, record.partition, record.offset)


def _answered_items(event: SimulatedEvent) -> Sequence[str]:
    if event.name != "readiness-reported" or event.expected != "accepted":
        return ()
    return [answer["item"] for answer in event.body["data"]["answers"]]


def _dead_letter(service: str, row: Any) -> DeadLetter:
    position = RecordPosition(row["topic"], row["partition"], row["record_offset"]) if row["topic"] else None
    return DeadLetter(service, position, row["kind"], row["error"])
