"""The outbox: messages written in the transaction that caused them, one row per topic and partition."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from zlib import crc32

from aiokafka import TopicPartition

from shared.errors import MessageTooLarge, UnknownTopic
from shared.kafka.topology import Topology
from shared.messages.serialization import OutboundRecord
from shared.postgres.named_queries import load_queries
from shared.postgres.pool import Connection, Pool
from shared.postgres.retry import retry_transient

SQL = load_queries(__file__)
MAX_MESSAGE_BYTES = 900_000
"""Size limit of a message, below a broker's default limit of 1 MB for a record batch."""
BATCHES_PER_PARTITION = 4
"""Maximum number of batches of a partition in one fetch: bounds the memory that a backlog takes."""


class OutboxBatch(NamedTuple):
    """The messages of one transaction for one partition, in order. The fields are those of the PostgreSQL type `outbox_batch`."""

    topic: str
    partition: int
    keys: list[str]
    payloads: list[bytes]


class PendingBatch(NamedTuple):
    """An outbox batch that is still to be published."""

    id: int
    keys: Sequence[str]
    payloads: Sequence[bytes]


def group_by_partition(outgoing: Iterable[OutboundRecord], topology: Topology) -> list[OutboxBatch]:
    """Return one batch per topic and partition. Raises `MessageTooLarge` and `UnknownTopic`."""
    batches: dict[tuple[str, int], OutboxBatch] = {}
    for topic, record_key, subject, value in outgoing:
        if len(value) > MAX_MESSAGE_BYTES:
            raise MessageTooLarge(f"a message for {topic} has {len(value)} bytes, more than {MAX_MESSAGE_BYTES}")
        tp = topic, partition_of(topic, subject, topology)
        batch = batches.get(tp) or batches.setdefault(tp, OutboxBatch(*tp, [], []))
        batch.keys.append(record_key)
        batch.payloads.append(value)
    return list(batches.values())


def partition_of(topic: str, subject: str, topology: Topology) -> int:
    """Return the partition of a subject: its CRC-32 modulo the partition count, not the murmur2 of Java's producer."""
    if info := topology.get(topic):
        return crc32(subject.encode()) % info.partitions
    raise UnknownTopic(topic)


async def insert(db: Connection, batches: list[OutboxBatch]) -> None:
    """Insert outbox rows. The caller must hold the key locks, so that for each key the row ids follow commit order."""
    await db.execute(SQL["insert_outbox"], batches)


async def delete_acknowledged_and_fetch(
    pool: Pool, acknowledged: Sequence[int], shards: Sequence[int], excluded: Sequence[TopicPartition], shard_count: int
) -> Mapping[TopicPartition, list[PendingBatch]]:
    """Delete acknowledged rows and return the oldest pending ones of each partition in these shards, in id order.

    One statement, because a relay under load does both in each poll: a separate delete makes a poll about 20 % slower.
    """
    topics, partitions = [tp.topic for tp in excluded], [tp.partition for tp in excluded]
    arguments = acknowledged, shards, topics, partitions, shard_count, BATCHES_PER_PARTITION
    rows = await retry_transient(lambda: pool.fetch(SQL["delete_acknowledged_and_fetch"], *arguments))
    pending = defaultdict[TopicPartition, list[PendingBatch]](list)
    for id, topic, partition, keys, payloads in rows:
        pending[TopicPartition(topic, partition)].append(PendingBatch(id, keys, payloads))
    return pending


async def delete(pool: Pool, acknowledged: Sequence[int]) -> None:
    """Delete acknowledged rows."""
    await retry_transient(lambda: pool.execute(SQL["delete_outbox"], acknowledged))
