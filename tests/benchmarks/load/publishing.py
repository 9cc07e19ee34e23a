"""Publishes a load at full speed: record batches are built before the measurement starts, the same for every contender.

`deploy.partner_client.publisher` would cost the benchmark a future for each record while it measures.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from zlib import crc32

from aiokafka import AIOKafkaProducer, TopicPartition

from services.intake.contract import STRUCTURED
from shared.messages.serialization import OutboundRecord

HEADERS = list(STRUCTURED)
PARTITIONS = 12


class Load(NamedTuple):
    """Records to process, and the number of outputs on a topic that shows that they are."""

    records: Sequence[OutboundRecord]
    output_topic: str
    expected_outputs: int


async def start_producer(kafka: str) -> AIOKafkaProducer:
    """Start the producer of the loads."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", compression_type="snappy", max_batch_size=512 << 10)
    await producer.start()
    return producer


def to_record_batches(producer: AIOKafkaProducer, records: Sequence[OutboundRecord]) -> Mapping[TopicPartition, list[Any]]:
    """Build record batches for each partition, in the order of the records."""
    batches = defaultdict[TopicPartition, list[Any]](list)
    for topic, record_key, subject, value in records:
        key, of_partition = record_key.encode(), batches[TopicPartition(topic, crc32(subject.encode()) % PARTITIONS)]
        if not of_partition or of_partition[-1].append(key=key, value=value, timestamp=None, headers=HEADERS) is None:
            of_partition.append(producer.create_batch())
            of_partition[-1].append(key=key, value=value, timestamp=None, headers=HEADERS)
    return batches


async def publish(producer: AIOKafkaProducer, batches: Mapping[TopicPartition, Sequence[Any]]) -> None:
    """Publish all batches, the partitions concurrently."""

    async def publish_partition(tp: TopicPartition, of_partition: Sequence[Any]) -> None:
        for batch in of_partition:
            batch.close()
            await (await producer.send_batch(batch, tp.topic, partition=tp.partition))

    await asyncio.gather(*(publish_partition(tp, of_partition) for tp, of_partition in batches.items()))
