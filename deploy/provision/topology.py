"""The declared Kafka topics and how a cluster gets there: plan first, never remove partitions."""

import asyncio
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import asyncpg
from pydantic import BaseModel, ConfigDict, Field

from deploy.errors import UserError
from deploy.provision.kafka_admin import KafkaAdmin, TopicSpec
from deploy.stack.endpoints import SERVICES
from shared.postgres.named_queries import load_queries
from shared.programme.partner_id import PARTNER_ID_PATTERN

SQL = load_queries(__file__, "topology.sql")
DECLARATION_FILE = Path(__file__).with_suffix(".toml")
TOPIC_PREFIX = "tandem."
DRAIN_FIRST = "wait until every outbox is empty (`tandem status`), then stop the services and run `tandem kafka apply`"
"""The partition of a message in an outbox is fixed already, and only a running service empties its outbox."""


class TopologyError(UserError):
    """The topics cannot be brought to the declared state; the message names what to do."""


class Step(NamedTuple):
    """One change of a topic, planned or done. `refused` blocks the whole plan; `extra` is only reported."""

    topic: str
    action: Literal["same", "create", "settings", "grow", "refused", "extra"]
    detail: str


class TopicGroup(BaseModel):
    """Topics with the same partitions and settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    names: list[str]
    partitions: Annotated[int, Field(ge=1)]
    settings: dict[str, str | int]


class Declaration(BaseModel):
    """The contents of `topology.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    replication: Annotated[int, Field(ge=1)]
    partners: list[Annotated[str, Field(pattern=f"^{PARTNER_ID_PATTERN}$")]]
    topics: list[TopicGroup]

    def topic_specs(self) -> dict[str, TopicSpec]:
        """Every topic by name; a name with `{partner}` once for each partner."""
        return {
            name.format(partner=partner): TopicSpec(
                group.partitions, self.replication, {key: str(value) for key, value in group.settings.items()}
            )
            for group in self.topics
            for name in group.names
            for partner in (self.partners if "{partner}" in name else [""])
        }


def load_declaration(path: Path = DECLARATION_FILE) -> Declaration:
    """Load and validate a declaration. Raises pydantic's ValidationError, which names the invalid field."""
    return Declaration.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def plan_steps(declared: Mapping[str, TopicSpec], existing: Mapping[str, TopicSpec]) -> list[Step]:
    """The steps from the existing topics to the declared ones; several for a topic that differs in several ways."""
    steps = [step for name, spec in declared.items() for step in _topic_steps(name, spec, existing.get(name))]
    return steps + [Step(name, "extra", "not declared; left alone") for name in existing if name not in declared]


def _topic_steps(name: str, declared: TopicSpec, existing: TopicSpec | None) -> list[Step]:
    if existing is None:
        settings = ", ".join(f"{key}={value}" for key, value in declared.settings.items())
        return [Step(name, "create", f"{declared.partitions} partitions, replication {declared.replication}, {settings}")]
    steps = []
    if existing.replication != declared.replication:
        refusal = f"has replication {existing.replication}, declared is {declared.replication}: use kafka-reassign-partitions"
        steps.append(Step(name, "refused", refusal))
    if existing.partitions > declared.partitions:
        refusal = f"has {existing.partitions} partitions, which cannot be removed: declare {existing.partitions}"
        steps.append(Step(name, "refused", refusal))
    if existing.partitions < declared.partitions:
        steps.append(Step(name, "grow", f"{existing.partitions} → {declared.partitions} partitions; {DRAIN_FIRST}"))
    if existing.settings != declared.settings:
        steps.append(Step(name, "settings", _setting_changes(existing.settings, declared.settings)))
    return steps or [Step(name, "same", f"{existing.partitions} partitions")]


def _setting_changes(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    keys = sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
    return ", ".join(f"{key}: {before.get(key, 'default')} → {after.get(key, 'default')}" for key in keys)


async def plan(bootstrap: str) -> list[Step]:
    """The steps that `apply` would take. Changes nothing."""
    return await asyncio.to_thread(_plan, bootstrap)


async def apply(bootstrap: str, admin_url: str) -> list[Step]:
    """Bring the topics to the declared state and store them in each service's table `topology`; return the steps taken.

    Raises TopologyError, before any change, if a step is refused, or if a topic would grow while a service
    runs or has messages to publish.
    """
    active = await _active_services(admin_url)
    steps, cluster_id, topics = await asyncio.to_thread(_apply, bootstrap, active)
    await _store_topology(admin_url, cluster_id, topics)
    return steps


def _plan(bootstrap: str) -> list[Step]:
    with KafkaAdmin(bootstrap) as admin:
        return plan_steps(load_declaration().topic_specs(), _existing_topics(admin))


def _apply(bootstrap: str, active: Sequence[str]) -> tuple[list[Step], str, dict[str, TopicSpec]]:
    declared = load_declaration().topic_specs()
    with KafkaAdmin(bootstrap) as admin:
        existing = _existing_topics(admin)
        steps = plan_steps(declared, existing)
        _check(steps, active)
        admin.create({name: declared[name] for name in _topics_with(steps, "create")})
        admin.grow({name: declared[name].partitions for name in _topics_with(steps, "grow")})
        for name in _topics_with(steps, "settings"):
            admin.alter_settings(name, existing[name].settings, declared[name].settings)
        return steps, admin.cluster_id(), _existing_topics(admin)


def _check(steps: Sequence[Step], active: Sequence[str]) -> None:
    """Raise TopologyError if the steps may not be taken."""
    if refused := [f"{step.topic} {step.detail}" for step in steps if step.action == "refused"]:
        raise TopologyError("; ".join(refused))
    if active and (growing := _topics_with(steps, "grow")):
        raise TopologyError(f"{', '.join(growing)} cannot grow now: {DRAIN_FIRST} (active: {', '.join(active)})")


def _existing_topics(admin: KafkaAdmin) -> dict[str, TopicSpec]:
    return {name: topic for name, topic in admin.topics().items() if name.startswith(TOPIC_PREFIX)}


def _topics_with(steps: Sequence[Step], action: str) -> list[str]:
    return [step.topic for step in steps if step.action == action]


async def _active_services(admin_url: str) -> list[str]:
    """The services that run or still have messages to publish."""
    connection = await asyncpg.connect(admin_url)
    try:
        return [service for service in SERVICES if await _is_active(connection, service)]
    finally:
        await connection.close()


async def _is_active(connection: asyncpg.Connection, service: str) -> bool:
    async with connection.transaction():
        await connection.execute(f"SET LOCAL search_path = {service}")
        return bool(await connection.fetchval(SQL["is_active"]))


async def _store_topology(admin_url: str, cluster_id: str, topics: Mapping[str, TopicSpec]) -> None:
    """Store all topics, undeclared ones too: a service that subscribes by pattern receives those as well."""
    rows = [(name, topic.id, cluster_id, topic.partitions) for name, topic in topics.items()]
    connection = await asyncpg.connect(admin_url)
    try:
        async with connection.transaction():
            for service in SERVICES:
                await connection.execute(f"SET LOCAL search_path = {service}")
                await connection.execute(SQL["upsert_topology"], *map(list, zip(*rows, strict=True)))
    finally:
        await connection.close()
