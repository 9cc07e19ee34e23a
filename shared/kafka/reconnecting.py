"""How often aiokafka asks for the state of a cluster that does not answer.

Without a leader for a partition, its fetcher asks again at once, which takes a third of a CPU core while Kafka is away. There is
no setting for that, hence the class that replaces its client.
"""

import asyncio
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.consumer import consumer as consumer_module
from aiokafka.producer import producer as producer_module

RETRY_DELAY = 0.5
"""Seconds from a failed request for metadata to the next one."""


class MetadataBackoffClient(AIOKafkaClient):  # type: ignore[misc]
    """A client that waits after each failed metadata request; all callers that need the metadata wait with it."""

    async def _metadata_update(self, cluster_metadata: Any, topics: Any) -> bool:
        if await super()._metadata_update(cluster_metadata, topics):
            return True
        await asyncio.sleep(RETRY_DELAY)
        return False


def install() -> None:
    """Let aiokafka's consumers and producers use this client."""
    consumer_module.AIOKafkaClient = MetadataBackoffClient
    producer_module.AIOKafkaClient = MetadataBackoffClient
