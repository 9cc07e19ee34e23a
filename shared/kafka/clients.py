"""The two ends of the bus as a service opens them: a producer for its relay, a broker for its lanes."""

import asyncio

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError
from faststream.kafka import KafkaBroker

from shared.log import LibraryLogAdapter, log


async def start_producer(address: str) -> AIOKafkaProducer:
    """A producer, started; waits until Kafka answers. Not idempotent: doubles die in the inboxes, a fenced one would stay mute."""
    made = AIOKafkaProducer(
        bootstrap_servers=address, acks="all", compression_type="snappy", max_batch_size=512 << 10, request_timeout_ms=10_000
    )
    while True:
        try:
            await made.start()
            return made
        except KafkaConnectionError:
            log.warning("kafka_unavailable", error="KafkaConnectionError")
        await asyncio.sleep(0.5)


def create_broker(address: str, patience: float) -> KafkaBroker:
    """Holds the lanes; at its stop a batch in hand has `patience` seconds. A topic by a pattern is noticed within three."""
    return KafkaBroker(
        address,
        logger=LibraryLogAdapter(),
        consumer_only=True,
        apply_types=False,
        graceful_timeout=patience,
        metadata_max_age_ms=3_000,
    )
