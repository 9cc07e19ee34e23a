"""Adapts FastStream, which runs the consume loop and the consumer's lifecycle; we poll, decode and keep offsets ourselves."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.message import StreamMessage

from shared.kafka.fetching import ISOLATION_LEVEL, install
from shared.kafka.record import KafkaRecord
from shared.kafka.route import Route
from shared.log import LibraryLogAdapter

STOP_CHECK_INTERVAL = 0.02
Poll = Callable[[AIOKafkaConsumer], Awaitable[Sequence[KafkaRecord]]]
Process = Callable[[Sequence[KafkaRecord]], Awaitable[None]]


def create_broker(bootstrap_servers: str, drain_timeout: float) -> KafkaBroker:
    """Create the broker that runs the subscriptions. When it stops, a batch in flight has `drain_timeout` seconds to finish."""
    install()
    return KafkaBroker(
        bootstrap_servers,
        logger=LibraryLogAdapter(),
        consumer_only=True,
        apply_types=False,
        graceful_timeout=drain_timeout,
        metadata_max_age_ms=3_000,  # how soon a pattern finds a new topic
    )


class Subscription:
    """One consumer in the group `group`, which hands batches from `poll` to `process`, one at a time.

    `process` must not return before its batch is processed: FastStream would continue with the next one.
    """

    def __init__(
        self, broker: KafkaBroker, group: str, route: Route, listener: ConsumerRebalanceListener, poll: Poll, process: Process
    ) -> None:

        async def handler(records: Any) -> None:  # FastStream makes a pydantic model of the annotations, which must stay simple
            await process(records)

        self._subscriber = _create_subscriber(broker, group, route, listener)
        self._subscriber(handler)
        self._subscriber.get_msg = poll  # FastStream has no setting to linger, nor a public hook for polling

    @property
    def consumer(self) -> AIOKafkaConsumer:
        """The Kafka consumer; there is one from the broker's start to its stop."""
        return self._subscriber.consumer

    async def wait_stopping(self) -> None:
        """Wait until the subscription is asked to stop: from then on FastStream starts no other batch."""
        while self._subscriber.running:  # noqa: ASYNC110 - FastStream has no event for it
            await asyncio.sleep(STOP_CHECK_INTERVAL)

    async def wait_idle(self, seconds: float) -> None:
        """Wait until no batch is in flight, for at most `seconds`."""
        await self._subscriber.lock.wait_release(seconds)


def _create_subscriber(broker: KafkaBroker, group: str, route: Route, listener: ConsumerRebalanceListener) -> Any:
    return broker.subscriber(
        *([route.topic] if route.topic else []),
        pattern=route.pattern,
        group_id=group,
        batch=True,
        ack_policy=AckPolicy.MANUAL,  # offsets are in PostgreSQL
        auto_offset_reset="earliest",
        session_timeout_ms=6_000,  # the least that a broker allows by default: how soon a dead process is replaced
        heartbeat_interval_ms=500,  # how soon a consumer learns of a rebalance
        rebalance_timeout_ms=30_000,  # well above the time that a batch in flight may take to drain
        max_partition_fetch_bytes=4 << 20,  # a full batch of records of 4 KB from one partition
        isolation_level=ISOLATION_LEVEL,
        listener=listener,
        parser=_keep_records,
        decoder=_raw_records,
    )


async def _keep_records(records: Any, _original: Any) -> StreamMessage[Any]:
    """Replace FastStream's parser, which decodes headers: an invalid header would skip the whole batch silently."""
    return StreamMessage(raw_message=records, body=b"", correlation_id="-")


async def _raw_records(message: StreamMessage[Any]) -> Any:
    return message.raw_message
