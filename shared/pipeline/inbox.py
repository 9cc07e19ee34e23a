"""What has been handled: positions answer for the bus, ids answer for everyone who says a thing twice."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from aiokafka import TopicPartition

from shared.errors import TopicNotDeclared
from shared.kafka.record import KafkaRecord
from shared.messages.envelope import Envelope
from shared.postgres.named_queries import load_queries
from shared.postgres.pool import Connection

SQL = load_queries(__file__)
Line = tuple[str, int]
"""A topic and one of its partitions."""


class TopicInfo(NamedTuple):
    """A topic of the topology. Positions belong to the ids, so that a topic made anew starts anew."""

    cluster_id: str
    topic_id: str
    partitions: int


Topology = Mapping[str, TopicInfo]


class Incoming(NamedTuple):
    """A message at the runner's door at `heard_at`. Without an envelope it is not for us, or cannot be read (`error`).

    `record` is where it stood on the bus, with its bytes; none for our own doors. `parked` is its number if it comes from there.
    """

    heard_at: datetime
    envelope: Envelope[Any] | None
    record: KafkaRecord | None = None
    error: Exception | None = None
    parked: int | None = None


class Claimed(NamedTuple):
    """The messages that nobody has handled, in order, and whether anything is parked in this service."""

    fresh: list[Incoming]
    anything_parked: bool


async def claim(db: Connection, topics: Topology, batch: Sequence[Incoming]) -> Claimed:
    """Holds the positions and ids of the batch until the transaction ends. Of an id that comes twice the first counts."""
    stood = await advance_offsets(db, topics, next_offsets(a.record for a in batch if a.record))
    ahead = [a for a in batch if (a.envelope or a.error) and _is_unprocessed(a, stood)]
    first: dict[Any, Incoming] = {}
    for arrived in ahead:
        if arrived.envelope:
            first.setdefault(arrived.envelope.id, arrived)
    rows = await db.fetch(SQL["claim_messages"], list(first)) if first else []
    claimed = {row[0] for row in rows}
    fresh = [a for a in ahead if a.envelope is None or (a.envelope.id in claimed and first[a.envelope.id] is a)]
    return Claimed(fresh, bool(rows) and rows[0][1])


def next_offsets(records: Iterable[KafkaRecord]) -> dict[TopicPartition, int]:
    """Return the offset after these records, by partition; the records of a partition are in order."""
    after = {(r.topic, r.partition): r.offset + 1 for r in records}  # plain tuples: one per record, and cheaper to make
    return {TopicPartition(*tp): offset for tp, offset in after.items()}


async def load_offsets(db: Connection, topics: Topology, lines: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
    """Where these lines stand, for a consumer that got them; those of a topic that is not known are left out."""
    known = [tp for tp in lines if tp.topic in topics]
    return await _upsert_offsets(db, "load_offsets", topics, known, [0] * len(known))


async def advance_offsets(db: Connection, topics: Topology, after: Mapping[TopicPartition, int]) -> Mapping[TopicPartition, int]:
    """Where these lines stood; moves them on, and never back. Raises `NotYetKnown`."""
    for topic, _ in after:
        if topic not in topics:
            raise TopicNotDeclared(topic)
    return await _upsert_offsets(db, "advance_offsets", topics, list(after), list(after.values())) if after else {}


async def _upsert_offsets(
    db: Connection, name: str, topics: Topology, lines: Sequence[TopicPartition], next: Sequence[int]
) -> dict[TopicPartition, int]:
    ids = [topics[topic] for topic, _ in lines]
    arguments = [t.cluster_id for t in ids], [t.topic_id for t in ids], [part for _, part in lines], next
    stood = {(topic_id, part): place for topic_id, part, place in await db.fetch(SQL[name], *arguments)}
    return {line: stood[t.topic_id, line[1]] for line, t in zip(lines, ids, strict=True)}


def _is_unprocessed(arrived: Incoming, stood: Mapping[TopicPartition, int]) -> bool:
    record = arrived.record
    return record is None or record.offset >= stood[record.topic, record.partition]
