"""The bus as `tandem kafka apply` leaves it on a real cluster."""

import asyncio
import time

import asyncpg
import pytest

from deploy.provision import topology
from deploy.provision.kafka_admin import KafkaAdmin, KafkaAdminError, TopicSpec
from deploy.provision.topology import TopologyError
from deploy.stack.endpoints import SERVICES, Endpoints


async def test_applying_again_changes_nothing(stack: Endpoints, kafka: str) -> None:
    assert {step.action for step in await topology.apply(kafka, stack.database)} == {"same"}


async def test_every_service_knows_the_partitions_and_the_ids(kafka: str, database: asyncpg.Connection) -> None:
    for service in SERVICES:
        rows = await database.fetch(f"SELECT topic, topic_id, cluster_id, partitions FROM {service}.topology")
        assert {row["topic"] for row in rows} >= set(topology.declared().wanted())
        assert all(row["topic_id"] and row["cluster_id"] and row["partitions"] == 12 for row in rows)


async def test_a_setting_changed_by_hand_is_shown_and_then_put_back(stack: Endpoints, kafka: str) -> None:
    await asyncio.to_thread(meddle, kafka, {"retention.ms": "1000", "segment.ms": "60000"})

    planned = [step for step in await topology.plan(kafka) if step.action == "settings"]
    await topology.apply(kafka, stack.database)

    assert [step.detail for step in planned] == ["retention.ms: 1000 → 2592000000, segment.ms: 60000 → default"]
    assert {step.action for step in await topology.plan(kafka)} == {"same"}


async def test_a_topic_grows(kafka: str) -> None:
    assert await asyncio.to_thread(grown, kafka) == 3


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (
            "INSERT INTO intake.outbox (topic, partition, keys, payloads) VALUES ('tandem.rehearsal', 0, '{a}', '{b}')",
            "DELETE FROM intake.outbox WHERE topic = 'tandem.rehearsal'",
        ),
        (
            "INSERT INTO intake.relay_leases (shard, expires_at) VALUES (99, now() + interval '1 minute')",
            "DELETE FROM intake.relay_leases WHERE shard = 99",
        ),
    ],
)
async def test_no_topic_grows_under_a_service_at_work(
    stack: Endpoints, kafka: str, database: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, begin: str, end: str
) -> None:
    await asyncio.to_thread(made, kafka)
    bigger = topology.Family(names=["tandem.rehearsal"], partitions=2, settings={})
    file = topology.declared()
    with monkeypatch.context() as patch:
        patch.setattr(topology, "declared", lambda: file.model_copy(update={"topics": [*file.topics, bigger]}))
        await database.execute(begin)
        with pytest.raises(TopologyError, match=r"tandem\.rehearsal cannot grow now: .* \(at work: intake\)"):
            await topology.apply(kafka, stack.database)
        await database.execute(end)
        assert ("tandem.rehearsal", "grow") in {step[:2] for step in await topology.apply(kafka, stack.database)}

    await asyncio.to_thread(unmade, kafka)
    await topology.apply(kafka, stack.database)


async def test_a_cluster_that_is_not_there_is_named() -> None:
    with pytest.raises(KafkaAdminError, match=r"Kafka does not answer at 127\.0\.0\.1:1"):
        await topology.plan("127.0.0.1:1")


def meddle(kafka: str, settings: dict[str, str]) -> None:
    with KafkaAdmin(kafka) as cluster:
        now = cluster.topics()["tandem.intake"].settings
        cluster.set("tandem.intake", now, {**now, **settings})


def grown(kafka: str) -> int:
    with KafkaAdmin(kafka) as cluster:
        cluster.create({"rehearsal": TopicSpec(partitions=1, replication=1, settings={})})
        cluster.grow({"rehearsal": 3})
        return cluster.topics()["rehearsal"].partitions


def made(kafka: str) -> None:
    with KafkaAdmin(kafka) as cluster:
        cluster.create({"tandem.rehearsal": TopicSpec(partitions=1, replication=1, settings={})})


def unmade(kafka: str) -> None:
    with KafkaAdmin(kafka) as cluster:
        cluster._admin.delete_topics(["tandem.rehearsal"])
        while "tandem.rehearsal" in cluster.topics():
            time.sleep(0.1)
