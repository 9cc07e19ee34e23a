"""Record batches as bytes, and their way to Kafka past the producer, which would refuse them."""

import asyncio
import struct
from collections.abc import Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.default_records import DefaultRecordBase, DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c, encode_varint

from shared.kafka.fetching.lenient_batch import HEADER

CRC_OFFSET, ATTRIBUTES_OFFSET = DefaultRecordBase.CRC_OFFSET, DefaultRecordBase.ATTRIBUTES_OFFSET
TOPIC_NOT_READY = (3, 5, 6)
"""Unknown topic, no leader, another leader: soon after its creation."""
Header = tuple[bytes, bytes | None]


def varint(number: int) -> bytes:
    written = bytearray()
    encode_varint(number, written.append)
    return bytes(written)


def record(
    delta: int, key: bytes | None, value: bytes | None, headers: Sequence[Header] = (), header_count: int | None = None
) -> bytes:
    """A record; `header_count` is what it claims to have."""
    body = b"\0" + varint(0) + varint(delta) + _nullable(key) + _nullable(value)
    body += varint(len(headers) if header_count is None else header_count)
    body += b"".join(_nullable(name) + _nullable(content) for name, content in headers)
    return varint(len(body)) + body


def _nullable(part: bytes | None) -> bytes:
    return varint(-1) if part is None else varint(len(part)) + part


def batch(
    records: Sequence[bytes],
    attributes: int = 0,
    base_offset: int = 0,
    timestamp: int = 1_750_000_000_000,
    count: int | None = None,
) -> bytes:
    """A batch of these records, which may also be any other bytes; `attributes` has its codec, `count` what it claims to hold."""
    count, body = count or len(records), b"".join(records)
    header = (base_offset, HEADER.size - 12 + len(body), 0, 2, 0, attributes, count - 1, timestamp, timestamp, -1, -1, -1, count)
    return with_crc(HEADER.pack(*header) + body)


def with_crc(raw: bytes) -> bytes:
    """The batch with the checksum of what it holds."""
    crc = calc_crc32c(raw[ATTRIBUTES_OFFSET:])
    return raw[:CRC_OFFSET] + struct.pack(">I", crc) + raw[ATTRIBUTES_OFFSET:]


def damaged(raw: bytes) -> bytes:
    """The batch with one bit of its last byte changed."""
    return raw[:-1] + bytes([raw[-1] ^ 1])


def valid_batch(count: int, base_offset: int = 0) -> bytes:
    """A batch as aiokafka writes it, with a header on each record."""
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 1 << 20)
    for n in range(count):
        builder.append(n, 1_750_000_000_000, b"key", b"value %d" % n, [("content-type", b"x")])
    return struct.pack(">q", base_offset) + bytes(builder.build())[8:]


class Produced(NamedTuple):
    """Kafka's answer: an error code, 0 for none, and the offset of the batch."""

    code: int
    offset: int


async def produce(kafka: str, topic: str, partition: int, raw: bytes) -> int:
    """Publish a batch as it is; return Kafka's error code, 0 for none."""
    return (await produce_at(kafka, topic, partition, raw)).code


async def produce_at(kafka: str, topic: str, partition: int, raw: bytes) -> Produced:
    """Publish a batch as it is; return Kafka's answer."""
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        await producer.partitions_for(topic)
        while (answer := await _produce(producer, topic, partition, raw)).code in TOPIC_NOT_READY:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    return answer


async def _produce(producer: AIOKafkaProducer, topic: str, partition: int, raw: bytes) -> Produced:
    node = producer.client.cluster.leader_for_partition(TopicPartition(topic, partition))
    request = ProduceRequest(transactional_id=None, required_acks=-1, timeout=10_000, topics=[(topic, [(partition, raw)])])
    response = await producer.client.send(node, request)
    ((_, ((_, code, offset, *_),)),) = response.topics
    return Produced(int(code), int(offset))
