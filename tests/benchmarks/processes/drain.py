"""How much a message costs the relay when so many wait: `python -m tests.benchmarks.processes.drain 1000`; prints JSON."""

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
from tests.benchmarks import metrics
from tests.benchmarks.load import outbox_backlog as backlog

FEW = 10_000
REPEATS = 15


async def main(size: int) -> None:
    settings = Settings.read()
    url = settings.database.get_secret_value()
    pool = await create_pool(url, size=4)
    producer = await start_producer(settings.kafka)
    relay = Relay(producer, pool)
    freeze_startup_objects()
    await _drained(relay, url, 1_000)
    costs = [await _drained(relay, url, size) for _ in range(REPEATS if size <= FEW else 1)]
    print(msgspec.json.encode({"micros": median(costs), "memory": metrics.own_peak()}).decode(), flush=True)
    await producer.stop()
    await pool.close()


async def _drained(relay: Relay, url: str, size: int) -> float:
    """Microseconds a message from the first look to the last acknowledgement; the filling does not count."""
    await backlog.fill(url, size)
    begun = time.perf_counter()
    while (busy := await relay.poll_once()) or relay.in_flight:
        if not busy:
            await asyncio.wait(relay.in_flight.values())
    return (time.perf_counter() - begun) / size * 1e6


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
