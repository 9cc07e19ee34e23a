"""`tandem kafka plan` and `apply` on a real cluster."""

import asyncio

import asyncpg
import pytest

from deploy.provision import topology
from deploy.provision.kafka_admin import KafkaAdmin, KafkaAdminError, TopicSpec
from deploy.provision.topology import TopologyError
from deploy.stack.endpoints import SERVICES, Endpoints


async def test_second_apply_changes_nothing(stack: Endpoints, kafka: str) -> None:
    assert {step.action for step in await topology.apply(kafka, stack.database)} == {"same"}


async def test_every_service_has_the_partitions_and_the_ids(kafka: str, database: asyncpg.Connection) -> None:
    for service in SERVICES:
        rows = await database.fetch(f"SELECT topic, topic_id, cluster_id, partitions FROM {service}.topology")
        assert {row["topic"] for row in rows} >= set(topology.load_declaration().topic_specs())
        assert all(row["topic_id"] and row["cluster_id"] and row["partitions"] == 12 for row in rows)


async def test_setting_changed_by_hand_is_planned_and_restored(stack: Endpoints, kafka: str) -> None:
    await asyncio.to_thread(change_by_hand, kafka, {"retention.ms": "1000", "segment.ms": "60000"})

    planned = [step for step in await topology.plan(kafka) if step.action == "settings"]
    await topology.apply(kafka, stack.database)

    assert [step.detail for step in planned] == ["retention.ms: 1000 → 2592000000, segment.ms: 60000 → default"]
    assert {step.action for step in await topology.plan(kafka)} == {"same"}


async def test_topic_grows(kafka: str) -> None:
    assert await asyncio.to_thread(grow_topic, kafka) == 3


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (
            "INSERT INTO intake.outbox (topic, partition, keys, payloads) VALUES ('tandem.scratch', 0, '{a}', '{b}')",
            "DELETE FROM intake.outbox WHERE topic = 'tandem.scratch'",
        ),
        (
            "INSERT INTO intake.relay_leases (shard, expires_at) VALUES (99, now() + interval '1 minute')",
            "DELETE FROM intake.relay_leases WHERE shard = 99",
        ),
    ],
)
async def test_no_topic_grows_while_a_service_is_active(
    stack: Endpoints, kafka: str, database: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, begin: str, end: str
) -> None:
    await asyncio.to_thread(create_topic, kafka)
    bigger = topology.TopicGroup(names=["tandem.scratch"], partitions=2, settings={})
    declaration = topology.load_declaration()
    with monkeypatch.context() as patch:
        patch.setattr(
            topology, "load_declaration", lambda: declaration.model_copy(update={"topics": [*declaration.topics, bigger]})
        )
        await database.execute(begin)
        with pytest.raises(TopologyError, match=r"tandem\.scratch cannot grow now: .* \(active: intake\)"):
            await topology.apply(kafka, stack.database)
        await database.execute(end)
        assert ("tandem.scratch", "grow") in {step[:2] for step in await topology.apply(kafka, stack.database)}

    await asyncio.to_thread(delete_topic, kafka)
    await topology.apply(kafka, stack.database)


async def test_unreachable_cluster_is_named() -> None:
    with pytest.raises(KafkaAdminError, match=r"Kafka does not answer at 127\.0\.0\.1:1"):
        await topology.plan("127.0.0.1:1")


def change_by_hand(kafka: str, settings: dict[str, str]) -> None:
    with KafkaAdmin(kafka) as admin:
        now = admin.topics()["tandem.intake"].settings
        admin.alter_settings("tandem.intake", now, {**now, **settings})


def grow_topic(kafka: str) -> int:
    with KafkaAdmin(kafka) as admin:
        admin.create({"scratch": TopicSpec(partitions=1, replication=1, settings={})})
        admin.grow({"scratch": 3})
        return admin.topics()["scratch"].partitions


def create_topic(kafka: str) -> None:
    with KafkaAdmin(kafka) as admin:
        admin.create({"tandem.scratch": TopicSpec(partitions=1, replication=1, settings={})})


def delete_topic(kafka: str) -> None:
    with KafkaAdmin(kafka) as admin:
        admin.delete(["tandem.scratch"])
