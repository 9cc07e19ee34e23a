"""From a commit to the acknowledgement of what it said: `python -m tests.benchmarks.processes.commit_latency 20`; prints JSON."""

import asyncio
import sys
import time
from collections import defaultdict, deque
from typing import Any

import msgspec
import uvloop
from aiokafka import AIOKafkaProducer

from shared.kafka.producer import start_producer
from shared.pipeline import outbox
from shared.pipeline.relay import Relay
from shared.postgres.pool import create_pool
from shared.runtime.gc_tuning import freeze_startup_objects
from shared.settings import Settings
from tests.benchmarks.load import outbox_backlog as backlog
from tests.benchmarks.metrics import percentile

COMMITS = 100
"""A second, each with ten messages."""
WARM = 1.0
"""Seconds that do not count."""


class Watched:
    """A producer that knows how long ago each message was committed when it is acknowledged: in a partition both come in order."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self.producer, self.create_batch = producer, producer.create_batch
        self.committed = defaultdict[int, deque[float]](deque)
        self.waits: list[float] = []

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> Any:
        count = batch.record_count()
        sent = await self.producer.send_batch(batch, topic, partition=partition)
        sent.add_done_callback(lambda _: self._acknowledged(partition, count))
        return sent

    def _acknowledged(self, partition: int, count: int) -> None:
        now = time.perf_counter()
        self.waits += [now - self.committed[partition].popleft() for _ in range(count)]


async def main(seconds: float) -> None:
    settings = Settings.read()
    pool = await create_pool(settings.database.get_secret_value(), size=5)
    watched = Watched(await start_producer(settings.kafka))
    relay = Relay(watched, pool)
    sending = asyncio.create_task(relay.run())
    freeze_startup_objects()
    begun, messages = time.perf_counter(), backlog.messages(10_000_000)
    for nth in range(int((seconds + WARM) * COMMITS)):
        await asyncio.sleep(max(0.0, begun + nth / COMMITS - time.perf_counter()))
        parcels = outbox.group_by_partition([next(messages) for _ in range(1000 // COMMITS)], backlog.TOPICS)
        async with pool.acquire() as db:
            await outbox.insert(db, parcels)
        committed = time.perf_counter()
        for parcel in parcels:
            watched.committed[parcel.partition].extend([committed] * len(parcel.keys))
        relay.wake()
    relay.stop()
    await sending
    await watched.producer.stop()
    await pool.close()
    counted = [wait * 1e3 for wait in watched.waits[int(WARM * 1000) :]]
    told = {"p50": percentile(counted, 0.5), "p99": percentile(counted, 0.99), "most": max(counted), "count": len(counted)}
    print(msgspec.json.encode(told).decode(), flush=True)


if __name__ == "__main__":
    uvloop.run(main(float(sys.argv[1])))
