"""The inbox: which messages are still to be processed, by the offsets of their records and by their ids."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias
from uuid import UUID

from aiokafka import TopicPartition

from shared.errors import TopicNotDeclared
from shared.kafka.incoming import Failed, Ignored, Incoming, Received, Undecodable
from shared.kafka.offset_tracker import Offsets, next_offsets
from shared.kafka.topology import Topology
from shared.postgres.named_queries import load_queries
from shared.postgres.pool import Connection

SQL = load_queries(__file__)


Unprocessed: TypeAlias = Received | Undecodable | Failed


class Claimed(NamedTuple):
    """The unprocessed messages of a batch, in order. `has_dead_letters`: the service has any dead letter.

    It is False if no id was claimed: only undecodable records are left then, which are stored without asking.
    """

    unprocessed: list[Unprocessed]
    has_dead_letters: bool


async def claim(db: Connection, topology: Topology, batch: Sequence[Incoming]) -> Claimed:
    """Advance the offsets and insert the ids in this transaction; return the new ones. Raises `TopicNotDeclared`.

    Of messages with the same id the first counts. `has_dead_letters` is read before the keys are locked: a dead letter that another
    batch stores in between is missed. That breaks no order, because batches of one partition wait for each other at its offset, so
    that the other batch is of other partitions, which have no order between them.
    """
    before = await advance_offsets(db, topology, next_offsets(i.record for i in batch if i.record))
    ahead = [i for i in batch if not isinstance(i, Ignored) and _is_ahead(i, before)]
    first: dict[UUID, Unprocessed] = {}
    for incoming in ahead:
        if not isinstance(incoming, Undecodable):
            first.setdefault(incoming.envelope.id, incoming)
    rows = await db.fetch(SQL["claim_messages"], list(first)) if first else []
    claimed = {row[0] for row in rows}
    unprocessed = [i for i in ahead if isinstance(i, Undecodable) or (i.envelope.id in claimed and first[i.envelope.id] is i)]
    return Claimed(unprocessed, bool(rows) and rows[0][1])


def _is_ahead(incoming: Unprocessed, before: Mapping[TopicPartition, int]) -> bool:
    record = incoming.record
    return record is None or record.offset >= before[record.topic, record.partition]


async def load_offsets(db: Connection, topology: Topology, assigned: Sequence[TopicPartition]) -> Offsets:
    """Return the next offsets of partitions that were just assigned; leaves out topics that are not in the topology."""
    known = [tp for tp in assigned if tp.topic in topology]
    return await _upsert_offsets(db, "load_offsets", topology, dict.fromkeys(known, 0))


async def advance_offsets(db: Connection, topology: Topology, after: Mapping[TopicPartition, int]) -> Offsets:
    """Advance offsets, never back, and return the previous ones. Raises `TopicNotDeclared`."""
    for topic, _ in after:
        if topic not in topology:
            raise TopicNotDeclared(topic)
    return await _upsert_offsets(db, "advance_offsets", topology, after) if after else Offsets()


async def _upsert_offsets(db: Connection, query: str, topology: Topology, offsets: Mapping[TopicPartition, int]) -> Offsets:
    topics, partitions = [topology[tp.topic] for tp in offsets], [tp.partition for tp in offsets]
    columns = [t.cluster_id for t in topics], [t.topic_id for t in topics], partitions, list(offsets.values())
    stored = {(topic_id, partition): offset for topic_id, partition, offset in await db.fetch(SQL[query], *columns)}
    return {tp: stored[topic.topic_id, tp.partition] for tp, topic in zip(offsets, topics, strict=True)}
