"""Publishes records to Kafka, in order, and keeps the position of each."""

import asyncio
from typing import Any, Generic, Self, TypeVar

from aiokafka import AIOKafkaProducer

from deploy.partner_client.record import EventRecord, RecordPosition

ACK_TIMEOUT = 10
OUTAGE_ACK_TIMEOUT = 120
MAX_BATCH_BYTES = 128 << 10


R = TypeVar("R", bound=EventRecord)


class Publisher(Generic[R]):
    """Publishes records; `published` holds those that Kafka has acknowledged, by position.

    A record that Kafka does not acknowledge within `ACK_TIMEOUT` fails. With `survive_outages` the producer is
    idempotent instead and retries until Kafka is back, so that each record is stored exactly once.
    """

    def __init__(self, kafka: str, *, survive_outages: bool = False) -> None:
        timeout = OUTAGE_ACK_TIMEOUT if survive_outages else ACK_TIMEOUT
        self.published: dict[RecordPosition, R] = {}
        self.sent = 0
        self._in_flight = set[asyncio.Future[Any]]()
        self._producer = AIOKafkaProducer(
            bootstrap_servers=kafka,
            acks="all",
            enable_idempotence=survive_outages,
            request_timeout_ms=timeout * 1000,
            max_batch_size=MAX_BATCH_BYTES,
        )

    async def __aenter__(self) -> Self:
        try:
            await self._producer.start()
        except BaseException:
            await self._producer.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._producer.stop()

    async def topics(self) -> set[str]:
        """Return the topics that this client may see."""
        return set((await self._producer.client.fetch_all_metadata()).topics())

    async def publish(self, topic: str, record: R, partition: int | None = None) -> RecordPosition:
        """Publish one record and wait for its acknowledgement. Raises `KafkaError`."""
        return self._on_acknowledged(await (await self._send(topic, record, partition)), record)

    async def enqueue(self, topic: str, record: R, partition: int | None = None) -> None:
        """Hand a record to the producer without waiting for its acknowledgement; `flush` waits."""
        future = await self._send(topic, record, partition)
        self._in_flight.add(future)
        future.add_done_callback(lambda done: self._on_done(done, record))

    async def flush(self) -> None:
        """Wait until every enqueued record is acknowledged. Raises `KafkaError` if one was rejected."""
        if futures := list(self._in_flight):
            await asyncio.wait(futures)  # gather would cancel the records in flight when this task is cancelled
            for future in futures:
                future.result()

    async def _send(self, topic: str, record: R, partition: int | None) -> "asyncio.Future[Any]":
        future: asyncio.Future[Any] = await self._producer.send(
            topic, record.value, record.key, partition, headers=list(record.headers)
        )
        self.sent += 1
        return future

    def _on_done(self, future: "asyncio.Future[Any]", record: R) -> None:
        self._in_flight.discard(future)
        if not future.cancelled() and future.exception() is None:
            self._on_acknowledged(future.result(), record)

    def _on_acknowledged(self, metadata: Any, record: R) -> RecordPosition:
        position = RecordPosition(metadata.topic, metadata.partition, metadata.offset)
        self.published[position] = record
        return position
