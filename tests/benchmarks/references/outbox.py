"""`faststream-outbox`, tuned by its options: many workers, large fetches, batched deletes. It does not preserve order."""

import asyncio
import os
from typing import Annotated, Any

import uvloop
from faststream import Context
from faststream.kafka import KafkaBroker, KafkaResponse
from faststream_outbox import OutboxBroker, make_outbox_table
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

KAFKA, DATABASE = os.environ.get("BENCH_KAFKA", ""), os.environ.get("BENCH_DATABASE", "")
TOPIC, QUEUE = "tandem.intake", "bench"
WORKERS = 32
METADATA = MetaData()
TABLE = make_outbox_table(METADATA)


def create_engine(database: str) -> AsyncEngine:
    """Return an engine on the schema of the references."""
    url = database.replace("postgresql://", "postgresql+asyncpg://")
    return create_async_engine(url, pool_size=WORKERS + 4, connect_args={"server_settings": {"search_path": "reference"}})


async def create_table(database: str) -> None:
    """Create the table as the library defines it."""
    engine = create_engine(database)
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    await engine.dispose()


async def main() -> None:
    outbox = OutboxBroker(create_engine(DATABASE), outbox_table=TABLE, logger=None)
    kafka = KafkaBroker(KAFKA, logger=None, acks="all")

    async def relay(body: bytes, message: Annotated[Any, Context()]) -> KafkaResponse:
        return KafkaResponse(body, key=message.headers["key"].encode())

    kafka.publisher(TOPIC)(
        outbox.subscriber(QUEUE, max_workers=WORKERS, fetch_batch_size=500, min_fetch_interval=0.01, terminal_flush_batch_size=100)(
            relay
        )
    )
    async with kafka, outbox:
        await kafka.connect()
        await outbox.start()
        print('{"event": "ready"}', flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
