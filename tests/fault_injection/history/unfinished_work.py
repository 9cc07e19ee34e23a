"""Finds work that is still pending: rows, emails, locks, leases and records that are not processed yet."""

from collections.abc import Mapping
from typing import Any

import asyncpg
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.operations import dev_clock
from deploy.partner_client.record import submissions_topic
from deploy.stack.endpoints import SERVICES
from shared.kafka.fetching import create_consumer
from tests.fault_injection.cluster.cluster import PARTNERS, Cluster
from tests.fault_injection.history.queries import SQL, service_query

CONSUMED_TOPICS: Mapping[str, tuple[str, ...]] = {
    "intake": tuple(map(submissions_topic, PARTNERS)),
    "matching": ("tandem.intake", "tandem.notify", "tandem.matching"),
    "coaching": ("tandem.intake", "tandem.matching", "tandem.notify"),
    "notify": ("tandem.private", "tandem.intake", "tandem.matching", "tandem.coaching"),
}


async def find_unfinished(cluster: Cluster, db: asyncpg.Connection) -> list[str]:
    """Describe all work that is pending; empty once the cluster is quiet."""
    now = dev_clock.stack_now(cluster.endpoints.clock)
    found = [row[0] for name in ("unsent_emails", "pending_shortlists", "locks") for row in await db.fetch(SQL[name])]
    for service in SERVICES:
        found += [f"{service} {row[0]}" for row in await db.fetch(service_query(service, "pending"), now)]
        found += [f"{service} {row[0]}" for row in await db.fetch(service_query(service, "expired_leases"))]
    return found + await _unprocessed_partitions(cluster.endpoints.kafka, db)


async def _unprocessed_partitions(kafka: str, db: asyncpg.Connection) -> list[str]:
    """Partitions not processed to their end, by the stored offsets and by those committed to Kafka."""
    topics = sorted({topic for topics in CONSUMED_TOPICS.values() for topic in topics})
    async with create_consumer(*topics, bootstrap_servers=kafka) as consumer:
        ends = await consumer.end_offsets(consumer.assignment())
    committed = await _committed_offsets(kafka)
    behind = []
    for service in SERVICES:
        stored = {TopicPartition(row[0], row[1]): row[2] for row in await db.fetch(service_query(service, "consumer_offsets"))}
        for tp, end in ends.items():
            if tp.topic in CONSUMED_TOPICS[service] and end:
                behind += [f"{service} has not processed {tp}"] * (stored.get(tp, 0) < end)
                hint = committed[service].get(tp)
                behind += [f"{service} lags at {tp} by its committed offset"] * (hint is None or hint.offset < end)
    return behind


async def _committed_offsets(kafka: str) -> dict[str, Any]:
    """The offsets that each service has committed to Kafka, by service and partition."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    try:
        await admin.start()
        return {service: await admin.list_consumer_group_offsets(service) for service in SERVICES}
    finally:
        await admin.close()
