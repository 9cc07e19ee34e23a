"""Runs the relay alone on intake's outbox: `python -m tests.benchmarks.processes.relay`."""

import asyncio

import uvloop

from shared.kafka.producer import start_producer
from shared.log import configure, log
from shared.pipeline.relay import Relay
from shared.postgres.pool import create_pool
from shared.runtime.gc_tuning import freeze_startup_objects
from shared.settings import Settings


async def main() -> None:
    settings = Settings.read()
    configure(settings.log_level)
    pool = await create_pool(settings.database.get_secret_value(), size=4)
    relay = Relay(await start_producer(settings.kafka), pool)
    freeze_startup_objects()
    log.info("ready")
    await asyncio.gather(relay.run())


if __name__ == "__main__":
    uvloop.run(main())
