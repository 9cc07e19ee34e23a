"""The relay alone, as a process: `python -m tests.bench.relaying` sends what waits in intake's outbox."""

import asyncio

import uvloop

from shared import bus
from shared.database import connect
from shared.log import configure, log
from shared.relay import Relay
from shared.settings import Settings
from shared.steady import steady


async def main() -> None:
    settings = Settings.read()
    configure(settings.log_level)
    pool = await connect(settings.database.get_secret_value(), size=4)
    relay = Relay(await bus.producer(settings.kafka), pool)
    steady()
    log.info("ready")
    await asyncio.gather(relay.run())


if __name__ == "__main__":
    uvloop.run(main())
