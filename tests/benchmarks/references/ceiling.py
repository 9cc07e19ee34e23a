"""The fastest service that plain Python allows: it loads no state, decides nothing, and does not preserve order.

Raw aiokafka, pydantic, one statement per batch, rows handed over in memory, record batches; three overlapping tasks.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable
from typing import Any
from zlib import crc32

import asyncpg
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared.postgres.named_queries import load_queries
from shared.runtime.gc_tuning import freeze_startup_objects
from tests.benchmarks.references.reference_contract import (
    DATABASE,
    KAFKA,
    SUBMISSIONS,
    digest_of,
    key_of,
    outputs_of,
    parse_event,
)

SQL = load_queries(__file__, "tables.sql")
MAX_RECORDS = 1000
PARTITIONS = 12


async def main() -> None:
    pool = await asyncpg.create_pool(DATABASE, min_size=2, max_size=2)
    await pool.execute(SQL["create_tables"])
    consumer = AIOKafkaConsumer(
        SUBMISSIONS,
        bootstrap_servers=KAFKA,
        group_id="ceiling",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 << 20,
    )
    producer = AIOKafkaProducer(bootstrap_servers=KAFKA, acks="all", max_batch_size=512 << 10, compression_type="snappy")
    await consumer.start()
    await producer.start()
    while not consumer.assignment():  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    freeze_startup_objects()
    print('{"event": "ready"}', flush=True)
    decoded, written = asyncio.Queue[Any](2), asyncio.Queue[Any](2)
    await asyncio.gather(read(consumer, decoded), write(pool, consumer, decoded, written), publish(pool, producer, written))


async def read(consumer: Any, decoded: asyncio.Queue[Any]) -> None:
    """Decode batches of records into rows and outgoing messages."""
    while True:
        polled = await consumer.getmany(timeout_ms=10, max_records=MAX_RECORDS)
        if polled:
            rows, outgoing = list[Any](), list[Any]()
            for records in polled.values():
                for record in records:
                    event = parse_event(record.value)
                    key, body = key_of(event), event.data.__pydantic_serializer__.to_json(event.data)
                    rows.append((event.id, digest_of(record.value), key, event.type, body.decode()))
                    for topic, message in outputs_of(event, record):
                        outgoing.append((event.id, topic, key, message.__pydantic_serializer__.to_json(message)))
            next_offsets = {tp: records[-1].offset + 1 for tp, records in polled.items()}
            await decoded.put((rows, outgoing, next_offsets))


async def write(pool: Any, consumer: Any, decoded: asyncio.Queue[Any], written: asyncio.Queue[Any]) -> None:
    """Write each batch with one statement, then commit its offsets."""
    while True:
        rows, outgoing, next_offsets = await decoded.get()
        ids = await pool.fetch(SQL["write_batch"], *map(list, zip(*rows, strict=True)), *map(list, zip(*outgoing, strict=True)))
        await written.put(([row[0] for row in ids], outgoing))
        await consumer.commit(next_offsets)


async def publish(pool: Any, producer: Any, written: asyncio.Queue[Any]) -> None:
    """Publish record batches, then delete the rows."""
    while True:
        ids, outgoing = await written.get()
        batches = defaultdict[tuple[str, int], list[Any]](list)
        for _, topic, key, value in outgoing:
            encoded = key.encode()
            of_partition = batches[topic, crc32(encoded) % PARTITIONS]
            if not of_partition or of_partition[-1].append(key=encoded, value=value, timestamp=None) is None:
                of_partition.append(producer.create_batch())
                of_partition[-1].append(key=encoded, value=value, timestamp=None)
        acknowledgements: list[Awaitable[Any]] = []
        for (topic, partition), of_partition in batches.items():
            for batch in of_partition:
                batch.close()
                acknowledgements.append(await producer.send_batch(batch, topic, partition=partition))
        await asyncio.gather(*acknowledgements)
        await pool.execute(SQL["delete_acknowledged"], ids)


if __name__ == "__main__":
    uvloop.run(main())
