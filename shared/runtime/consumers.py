"""The running consumers of a service."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from shared.kafka.consumer import DRAIN_TIMEOUT, BatchConsumer, Fail, LoadOffsets, ProcessBatch
from shared.kafka.faststream_adapter import create_broker
from shared.kafka.route import Route


@asynccontextmanager
async def running_consumers(
    bootstrap_servers: str,
    group: str,
    routes: Sequence[Route],
    *,
    process: ProcessBatch,
    load_offsets: LoadOffsets,
    fail: Fail,
) -> AsyncIterator[Sequence[BatchConsumer]]:
    """Start the consumers of all routes; at the exit let their batches in flight finish."""
    broker = create_broker(bootstrap_servers, DRAIN_TIMEOUT)
    consumers = [
        BatchConsumer(broker, group, route, process=process, load_offsets=load_offsets, fail=fail)
        for route in routes
        for _ in range(route.concurrency)
    ]
    try:
        if consumers:
            await broker.start()
        yield consumers
    finally:
        if consumers:
            await broker.stop()
