"""Measures the time from a commit to Kafka's acknowledgement: `python -m tests.benchmarks.processes.commit_latency 20`.

Prints JSON: `p50`, `p99` and `max` in milliseconds, and the `count` of messages.
"""

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
from tests.benchmarks.load import outbox_backlog
from tests.benchmarks.measurement.figures import percentile

COMMITS_PER_SECOND = 100
MESSAGES_PER_COMMIT = 10
WARM_UP_SECONDS = 1.0


class TimedProducer:
    """Measures how long each message waited for its acknowledgement since its commit; both have one order per partition."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self.producer, self.create_batch = producer, producer.create_batch
        self.committed_at = defaultdict[int, deque[float]](deque)
        self.waits: list[float] = []

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> Any:
        count = batch.record_count()
        future = await self.producer.send_batch(batch, topic, partition=partition)
        future.add_done_callback(lambda _: self._on_acknowledged(partition, count))
        return future

    def _on_acknowledged(self, partition: int, count: int) -> None:
        now = time.perf_counter()
        self.waits += [now - self.committed_at[partition].popleft() for _ in range(count)]


async def main(seconds: float) -> None:
    settings = Settings.read()
    pool = await create_pool(settings.database.get_secret_value(), size=5)
    producer = TimedProducer(await start_producer(settings.kafka))
    relay = Relay(producer, pool)
    running = asyncio.create_task(relay.run())
    freeze_startup_objects()
    await _commit_at_rate(pool, producer, relay, seconds + WARM_UP_SECONDS)
    relay.stop()
    await running
    await producer.producer.stop()
    await pool.close()
    waits = [wait * 1e3 for wait in producer.waits[int(WARM_UP_SECONDS * COMMITS_PER_SECOND * MESSAGES_PER_COMMIT) :]]
    figures = {"p50": percentile(waits, 0.5), "p99": percentile(waits, 0.99), "max": max(waits), "count": len(waits)}
    print(msgspec.json.encode(figures).decode(), flush=True)


async def _commit_at_rate(pool: Any, producer: TimedProducer, relay: Relay, seconds: float) -> None:
    """Insert outbox batches at the constant rate, and note when each message was committed."""
    started, messages = time.perf_counter(), outbox_backlog.messages(10_000_000)
    for commit in range(int(seconds * COMMITS_PER_SECOND)):
        await asyncio.sleep(max(0.0, started + commit / COMMITS_PER_SECOND - time.perf_counter()))
        batches = outbox.group_by_partition([next(messages) for _ in range(MESSAGES_PER_COMMIT)], outbox_backlog.TOPOLOGY)
        async with pool.acquire() as db:
            await outbox.insert(db, batches)
        committed_at = time.perf_counter()
        for batch in batches:
            producer.committed_at[batch.partition].extend([committed_at] * len(batch.keys))
        relay.wake()


if __name__ == "__main__":
    uvloop.run(main(float(sys.argv[1])))
