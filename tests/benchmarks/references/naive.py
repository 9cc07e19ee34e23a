"""A service as FastStream's tutorial leads to: a typed handler, one transaction per message, a relay that publishes row by row."""

import asyncio
from typing import Annotated, Any

import asyncpg
import uvloop
from faststream import AckPolicy, Context
from faststream.kafka import KafkaBroker

from shared.postgres.named_queries import load_queries
from tests.benchmarks.references import reference_contract

SQL = load_queries(__file__, "tables.sql")


async def main() -> None:
    pool = await asyncpg.create_pool(reference_contract.DATABASE, min_size=2, max_size=2)
    await pool.execute(SQL["create_tables"])
    broker = KafkaBroker(reference_contract.KAFKA, logger=None, acks="all")

    async def decode(message: Any) -> Any:
        """Parse the bytes: strict models need JSON, and FastStream's own decoder would return a dict."""
        return reference_contract.parse_event(message.body)

    @broker.subscriber(
        reference_contract.SUBMISSIONS, group_id="naive", auto_offset_reset="earliest", ack_policy=AckPolicy.ACK, decoder=decode
    )
    async def on_event(event: reference_contract.SubmittedEvent, message: Annotated[Any, Context()]) -> None:
        async with pool.acquire() as db, db.transaction():
            await process(db, event, message.raw_message)

    async with broker:
        await broker.start()
        print('{"event": "ready"}', flush=True)
        await relay(pool, broker)


async def process(db: Any, event: Any, record: Any) -> None:
    """Store an event and its outputs, unless it was processed before."""
    claim = "INSERT INTO reference.inbox (id, digest) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id"
    if await db.fetchval(claim, event.id, reference_contract.digest_of(record.value)):
        await db.execute(
            """INSERT INTO reference.submitted (key, kind, body) VALUES ($1, $2, $3)
               ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, body = excluded.body""",
            *(reference_contract.key_of(event), event.type, event.data.model_dump_json()),
        )
        for topic, message in reference_contract.outputs_of(event, record):
            await db.execute(
                "INSERT INTO reference.outbox (topic, key, payload) VALUES ($1, $2, $3)",
                *(topic, message.subject, message.model_dump_json().encode()),
            )


async def relay(pool: Any, broker: KafkaBroker) -> None:
    """Publish outgoing messages one by one."""
    while True:
        rows = await pool.fetch("SELECT id, topic, key, payload FROM reference.outbox ORDER BY id LIMIT 100")
        for id, topic, key, payload in rows:
            await broker.publish(payload, topic, key=key.encode())
            await pool.execute("DELETE FROM reference.outbox WHERE id = $1", id)
        if not rows:
            await asyncio.sleep(0.01)


if __name__ == "__main__":
    uvloop.run(main())
