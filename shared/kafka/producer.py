"""The Kafka producer of a service."""

import asyncio

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

from shared.kafka import reconnecting
from shared.log import log

RETRY_INTERVAL = 0.5


async def start_producer(bootstrap_servers: str) -> AIOKafkaProducer:
    """Start a producer, waiting until Kafka answers.

    It is not idempotent: consumers drop duplicates by id, and an idempotent producer stops for good at a fatal sequence or epoch
    error.
    """
    reconnecting.install()
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap_servers,
        acks="all",
        compression_type="snappy",
        max_batch_size=512 << 10,  # half of a broker's limit; a larger message is a batch of its own (MAX_MESSAGE_BYTES)
        request_timeout_ms=10_000,  # aiokafka's 40 seconds would delay the relay's first retry
    )
    while True:
        try:
            await producer.start()
            return producer
        except KafkaConnectionError as error:
            log.warning("kafka_unavailable", error=type(error).__name__)
        await asyncio.sleep(RETRY_INTERVAL)
