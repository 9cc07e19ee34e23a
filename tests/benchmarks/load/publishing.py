"""Records ready to go: packed before the clock runs, published at once, the same for whoever is measured."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple
from zlib import crc32

from aiokafka import AIOKafkaProducer

from shared.messages.envelope import CONTENT_TYPE

HEADERS = [("content-type", CONTENT_TYPE.encode())]
PARTITIONS = 12


class Ready(NamedTuple):
    """A record before it is on the bus; `about` picks the partition."""

    topic: str
    about: str
    key: str
    value: bytes


class Load(NamedTuple):
    """Records, and how it shows that they were handled: so many records on the topic `shows`."""

    records: Sequence[Ready]
    shows: str
    expected: int


async def producer(kafka: str) -> AIOKafkaProducer:
    """What publishes loads, and so stands outside of what is measured."""
    made = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", compression_type="snappy", max_batch_size=512 << 10)
    await made.start()
    return made


def packed(producer: AIOKafkaProducer, records: Sequence[Ready]) -> dict[tuple[str, int], list[Any]]:
    """Record batches by topic and partition, in the records' order."""
    batches = defaultdict[tuple[str, int], list[Any]](list)
    for topic, about, key, value in records:
        line = batches[topic, crc32(about.encode()) % PARTITIONS]
        if not line or line[-1].append(key=key.encode(), value=value, timestamp=None, headers=HEADERS) is None:
            line.append(producer.create_batch())
            line[-1].append(key=key.encode(), value=value, timestamp=None, headers=HEADERS)
    return batches


async def publish(producer: AIOKafkaProducer, batches: dict[tuple[str, int], list[Any]]) -> None:
    """All of them, the partitions side by side."""

    async def line(topic: str, part: int, these: list[Any]) -> None:
        for batch in these:
            batch.close()
            await (await producer.send_batch(batch, topic, partition=part))

    await asyncio.gather(*(line(topic, part, these) for (topic, part), these in batches.items()))
