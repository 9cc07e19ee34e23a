"""Measures the relay's cost per message with a backlog of this size: `python -m tests.benchmarks.processes.drain 1000`.

Prints JSON: `micros` per message, and `memory` in megabytes.
"""

import asyncio
import sys
import time
from statistics import median

import msgspec
import uvloop

from shared.kafka.producer import start_producer
from shared.pipeline.relay import Relay
from shared.postgres.pool import create_pool
from shared.runtime.gc_tuning import freeze_startup_objects
from shared.settings import Settings
from tests.benchmarks.load import outbox_backlog
from tests.benchmarks.measurement.processes import own_peak_megabytes

WARM_UP_MESSAGES = 1_000
MAX_REPEATED_SIZE = 10_000
REPEATS = 15


async def main(size: int) -> None:
    settings = Settings.read()
    url = settings.database.get_secret_value()
    pool = await create_pool(url, size=4)
    producer = await start_producer(settings.kafka)
    relay = Relay(producer, pool)
    await relay.leases.create_leases()
    freeze_startup_objects()
    await _drain(relay, url, WARM_UP_MESSAGES)
    micros = [await _drain(relay, url, size) for _ in range(REPEATS if size <= MAX_REPEATED_SIZE else 1)]
    print(msgspec.json.encode({"micros": median(micros), "memory": own_peak_megabytes()}).decode(), flush=True)
    await producer.stop()
    await pool.close()


async def _drain(relay: Relay, url: str, size: int) -> float:
    """Fill the outbox, then return the microseconds per message from the first poll to the last acknowledgement."""
    await outbox_backlog.fill(url, size)
    started = time.perf_counter()
    while (found := await relay.poll_once()) or relay.in_flight:
        if not found:
            await asyncio.wait(relay.in_flight.values())
    return (time.perf_counter() - started) / size * 1e6


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
