"""The consumer lag that `tandem status` shows."""

import asyncpg
from aiokafka import AIOKafkaProducer

from deploy.operations.backlog import consumer_lag
from shared.postgres.named_queries import load_queries

ADVANCE_ONE_PARTITION = load_queries(__file__, "test_lag.sql")["advance_one_partition"]
TOPIC = "tandem.partner.demo.submissions"


async def test_lag_includes_partitions_that_were_never_consumed(database: asyncpg.Connection, kafka: str) -> None:
    async with database.transaction():
        await database.execute("SET LOCAL search_path = coaching")
        await database.execute(ADVANCE_ONE_PARTITION, TOPIC)
        before = await consumer_lag(database, kafka)
        async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
            await producer.send_and_wait(TOPIC, b"", partition=7)

        assert int(await consumer_lag(database, kafka)) == int(before) + 1
