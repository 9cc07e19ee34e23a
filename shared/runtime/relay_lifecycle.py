"""The running relay of a service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.kafka.producer import start_producer
from shared.pipeline.relay import Relay
from shared.postgres.pool import Pool
from shared.runtime.supervisor import Supervisor, drain


@asynccontextmanager
async def running_relay(bootstrap_servers: str, pool: Pool, supervisor: Supervisor) -> AsyncIterator[Relay]:
    """Start a producer and a relay; at the exit let the relay publish what is left, then stop both."""
    producer = await start_producer(bootstrap_servers)
    try:
        relay = Relay(producer, pool)
        task = supervisor.supervise(relay.run())
        try:
            yield relay
        finally:
            supervisor.stop()
            relay.stop()
            await drain([task])
    finally:
        await producer.stop()
