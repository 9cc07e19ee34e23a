"""What leaves with the transaction that caused it, packed as one parcel for each topic and partition."""

from collections.abc import Iterable
from typing import NamedTuple
from zlib import crc32

from shared.database import Connection
from shared.errors import NoSuchTopic, Oversized
from shared.inbox import Topics
from shared.messages.envelope import Sealed
from shared.sql import queries

SQL = queries(__file__)
LARGEST = 900_000
"""Bytes of the largest record, below what a broker takes by default."""


class Parcel(NamedTuple):
    """Messages of one transaction for one partition, in their order. Its fields are those of the database's type `parcel`."""

    topic: str
    part: int
    keys: list[str]
    payloads: list[bytes]


def pack(said: Iterable[Sealed], topics: Topics) -> list[Parcel]:
    """Parcels of what is said; Raises `Oversized` and `NoSuchTopic`."""
    parcels: dict[tuple[str, int], Parcel] = {}
    for topic, record_key, subject, value in said:
        if len(value) > LARGEST:
            raise Oversized(f"a message for {topic} has {len(value)} bytes, more than {LARGEST}")
        at = topic, partition_of(topic, subject, topics)
        parcel = parcels.get(at) or parcels.setdefault(at, Parcel(*at, [], []))
        parcel.keys.append(record_key)
        parcel.payloads.append(value)
    return list(parcels.values())


def partition_of(topic: str, subject: str, topics: Topics) -> int:
    """The same in every producer: crc32 of the subject, not Java's murmur2."""
    if known := topics.get(topic):
        return crc32(subject.encode()) % known.partitions
    raise NoSuchTopic(topic)


async def add(db: Connection, parcels: list[Parcel]) -> None:
    """Call it only while the keys are locked: that makes the order of ids the order of facts, key by key (W)."""
    await db.execute(SQL["add"], parcels)
