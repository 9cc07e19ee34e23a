"""As fast as Python goes by hand: no state loaded, nothing decided, and the order not safe.

Raw aiokafka, pydantic, one statement a batch, rows handed over in memory, record batches; reading, writing and sending overlap.
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
from tests.benchmarks.references import reference_contract

SQL = load_queries(__file__, "tables.sql")
SIZE = 1000


async def main() -> None:
    pool = await asyncpg.create_pool(reference_contract.DATABASE, min_size=2, max_size=2)
    await pool.execute(SQL["create"])
    consumer = AIOKafkaConsumer(
        reference_contract.SUBMISSIONS,
        bootstrap_servers=reference_contract.KAFKA,
        group_id="ceiling",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 << 20,
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=reference_contract.KAFKA, acks="all", max_batch_size=512 << 10, compression_type="snappy"
    )
    await consumer.start()
    await producer.start()
    while not consumer.assignment():  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    freeze_startup_objects()
    print('{"event": "ready"}', flush=True)
    read, written = asyncio.Queue[Any](2), asyncio.Queue[Any](2)
    await asyncio.gather(reading(consumer, read), writing(pool, consumer, read, written), sending(pool, producer, written))


async def reading(consumer: Any, read: asyncio.Queue[Any]) -> None:
    """Records to rows and to what is said."""
    while True:
        polled = await consumer.getmany(timeout_ms=10, max_records=SIZE)
        if polled:
            rows, said = list[Any](), list[Any]()
            for records in polled.values():
                for record in records:
                    event = reference_contract.validate(record.value)
                    key, body = reference_contract.key_of(event), event.data.__pydantic_serializer__.to_json(event.data)
                    rows.append((event.id, reference_contract.digest_of(record.value), key, event.type, body.decode()))
                    for topic, made in reference_contract.said(event, record):
                        said.append((event.id, topic, key, made.__pydantic_serializer__.to_json(made)))
            after = {line: records[-1].offset + 1 for line, records in polled.items()}
            await read.put((rows, said, after))


async def writing(pool: Any, consumer: Any, read: asyncio.Queue[Any], written: asyncio.Queue[Any]) -> None:
    """One statement, then the offsets."""
    while True:
        rows, said, after = await read.get()
        ids = await pool.fetch(SQL["write"], *map(list, zip(*rows, strict=True)), *map(list, zip(*said, strict=True)))
        await written.put(([row[0] for row in ids], said))
        await consumer.commit(after)


async def sending(pool: Any, producer: Any, written: asyncio.Queue[Any]) -> None:
    """Record batches, then the rows are forgotten."""
    while True:
        ids, said = await written.get()
        batches = defaultdict[tuple[str, int], list[Any]](list)
        for _, topic, key, value in said:
            coded = key.encode()
            line = batches[topic, crc32(coded) % 12]
            if not line or line[-1].append(key=coded, value=value, timestamp=None) is None:
                line.append(producer.create_batch())
                line[-1].append(key=coded, value=value, timestamp=None)
        sent: list[Awaitable[Any]] = []
        for (topic, part), line in batches.items():
            for batch in line:
                batch.close()
                sent.append(await producer.send_batch(batch, topic, partition=part))
        await asyncio.gather(*sent)
        await pool.execute(SQL["forget"], ids)


if __name__ == "__main__":
    uvloop.run(main())
