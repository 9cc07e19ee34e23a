"""What waits to be read, as `tandem status` counts it."""

import asyncpg
from aiokafka import AIOKafkaProducer

from deploy.operations.status import lag
from shared.postgres.named_queries import load_queries

TAKEN_UP = load_queries(__file__, "test_lag.sql")["one_partition_taken_up"]
TOPIC = "tandem.partner.demo.submissions"


async def test_a_partition_that_was_never_taken_up_counts_too(database: asyncpg.Connection, kafka: str) -> None:
    async with database.transaction():
        await database.execute("SET LOCAL search_path = coaching")
        await database.execute(TAKEN_UP, TOPIC)
        before = await lag(database, kafka)
        async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
            await producer.send_and_wait(TOPIC, b"", partition=7)

        assert int(await lag(database, kafka)) == int(before) + 1
