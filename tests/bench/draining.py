"""How much a message costs the relay when so many wait: `python -m tests.bench.draining 1000`, the figures as one line of JSON."""

import asyncio
import sys
import time
from statistics import median

import msgspec
import uvloop

from shared import bus
from shared.database import connect
from shared.relay import Relay
from shared.settings import Settings
from shared.steady import steady
from tests.bench import backlog, meters

FEW = 10_000
REPEATS = 15


async def main(size: int) -> None:
    settings = Settings.read()
    url = settings.database.get_secret_value()
    pool = await connect(url, size=4)
    producer = await bus.producer(settings.kafka)
    relay = Relay(producer, pool)
    steady()
    await _drained(relay, url, 1_000)
    costs = [await _drained(relay, url, size) for _ in range(REPEATS if size <= FEW else 1)]
    print(msgspec.json.encode({"micros": median(costs), "memory": meters.own_peak()}).decode(), flush=True)
    await producer.stop()
    await pool.close()


async def _drained(relay: Relay, url: str, size: int) -> float:
    """Microseconds a message from the first look to the last acknowledgement; the filling does not count."""
    await backlog.fill(url, size)
    begun = time.perf_counter()
    while (busy := await relay._round()) or relay.sending:
        if not busy:
            await asyncio.wait(relay.sending.values())
    return (time.perf_counter() - begun) / size * 1e6


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
