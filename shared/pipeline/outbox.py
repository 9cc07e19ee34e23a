"""What leaves with the transaction that caused it, packed as one parcel for each topic and partition."""

from collections.abc import Iterable
from typing import NamedTuple
from zlib import crc32

from shared.errors import MessageTooLarge, UnknownTopic
from shared.messages.envelope import OutboundRecord
from shared.pipeline.inbox import Topology
from shared.postgres.named_queries import load_queries
from shared.postgres.pool import Connection

SQL = load_queries(__file__)
MAX_MESSAGE_BYTES = 900_000
"""Bytes of the largest record, below what a broker takes by default."""


class OutboxBatch(NamedTuple):
    """Messages of one transaction for one partition, in their order. Its fields are those of the database's type `outbox_batch`."""

    topic: str
    partition: int
    keys: list[str]
    payloads: list[bytes]


def group_by_partition(said: Iterable[OutboundRecord], topics: Topology) -> list[OutboxBatch]:
    """Parcels of what is said; Raises `Oversized` and `NoSuchTopic`."""
    parcels: dict[tuple[str, int], OutboxBatch] = {}
    for topic, record_key, subject, value in said:
        if len(value) > MAX_MESSAGE_BYTES:
            raise MessageTooLarge(f"a message for {topic} has {len(value)} bytes, more than {MAX_MESSAGE_BYTES}")
        at = topic, partition_of(topic, subject, topics)
        parcel = parcels.get(at) or parcels.setdefault(at, OutboxBatch(*at, [], []))
        parcel.keys.append(record_key)
        parcel.payloads.append(value)
    return list(parcels.values())


def partition_of(topic: str, subject: str, topics: Topology) -> int:
    """The same in every producer: crc32 of the subject, not Java's murmur2."""
    if known := topics.get(topic):
        return crc32(subject.encode()) % known.partitions
    raise UnknownTopic(topic)


async def insert(db: Connection, parcels: list[OutboxBatch]) -> None:
    """Call it only while the keys are locked: that makes the order of ids the order of facts, key by key (W)."""
    await db.execute(SQL["insert_outbox"], parcels)
