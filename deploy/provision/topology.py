"""What the bus is made of, as one file declares it, and how a cluster gets there: plan first, never fewer partitions."""

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
from shared.programme.policy import PARTNER_ID_PATTERN

SQL = load_queries(__file__)
FILE = Path(__file__).with_suffix(".toml")
OURS = "tandem."
DRAIN = "first let every outbox run empty and stop the services, a waiting parcel's partition is settled"


class TopologyError(UserError):
    """The bus cannot be made as the file says; the message says what to do."""


class Step(NamedTuple):
    """What is to be done, or was done, to one topic. `refused` is never done and stops the rest; `extra` is only shown."""

    topic: str
    action: Literal["same", "create", "settings", "grow", "refused", "extra"]
    detail: str


class Family(BaseModel):
    """Topics that share their shape."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    names: list[str]
    partitions: Annotated[int, Field(ge=1)]
    settings: dict[str, str | int]


class Declaration(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    replication: Annotated[int, Field(ge=1)]
    partners: list[Annotated[str, Field(pattern=f"^{PARTNER_ID_PATTERN}$")]]
    topics: list[Family]

    def wanted(self) -> dict[str, TopicSpec]:
        """Every topic by name, once for each partner where its name says so."""
        return {
            name.format(partner=partner): TopicSpec(
                family.partitions, self.replication, {k: str(v) for k, v in family.settings.items()}
            )
            for family in self.topics
            for name in family.names
            for partner in (self.partners if "{partner}" in name else [""])
        }


def declared(path: Path = FILE) -> Declaration:
    """The declaration in a file. Raises pydantic's ValidationError, which names the place."""
    return Declaration.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def steps(wanted: Mapping[str, TopicSpec], found: Mapping[str, TopicSpec]) -> list[Step]:
    """What leads from the topics found to the topics wanted; several steps for a topic that differs in several ways."""
    todo = [step for name, topic in wanted.items() for step in _towards(name, topic, found.get(name))]
    extra = [Step(name, "extra", "not in the file; left alone") for name in found if name not in wanted]
    return todo + extra


def _towards(name: str, topic: TopicSpec, now: TopicSpec | None) -> list[Step]:
    if now is None:
        return [Step(name, "create", f"{topic.partitions} partitions, copies: {topic.replication}, {_listed(topic.settings)}")]
    differs = []
    if now.replication != topic.replication:
        refusal = f"copies: {now.replication}, the file says {topic.replication}: move its partitions with Kafka's own tool"
        differs.append(Step(name, "refused", refusal))
    if now.partitions > topic.partitions:
        differs.append(Step(name, "refused", f"has {now.partitions} partitions, never fewer: write {now.partitions} in the file"))
    if now.partitions < topic.partitions:
        differs.append(Step(name, "grow", f"{now.partitions} → {topic.partitions} partitions; {DRAIN}"))
    if now.settings != topic.settings:
        differs.append(Step(name, "settings", _changes(now.settings, topic.settings)))
    return differs or [Step(name, "same", f"{now.partitions} partitions")]


def _changes(now: Mapping[str, str], then: Mapping[str, str]) -> str:
    keys = sorted(key for key in {*now, *then} if now.get(key) != then.get(key))
    return ", ".join(f"{key}: {now.get(key, 'default')} → {then.get(key, 'default')}" for key in keys)


def _listed(settings: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in settings.items())


async def plan(bootstrap: str) -> list[Step]:
    """What `apply` would do. Changes nothing."""
    return await asyncio.to_thread(_plan, bootstrap)


async def apply(bootstrap: str, admin_url: str) -> list[Step]:
    """Makes the bus as the file says and writes what it is to each service's table `topology`; returns the steps it took.

    Raises TopologyError before anything is changed where a step is refused, or a topic would grow under a service at work."""
    busy = await _busy(admin_url)
    done, cluster_id, found = await asyncio.to_thread(_apply, bootstrap, busy)
    await _record(admin_url, cluster_id, found)
    return done


def _plan(bootstrap: str) -> list[Step]:
    with KafkaAdmin(bootstrap) as cluster:
        return steps(declared().wanted(), _ours(cluster))


def _apply(bootstrap: str, busy: Sequence[str]) -> tuple[list[Step], str, dict[str, TopicSpec]]:
    wanted = declared().wanted()
    with KafkaAdmin(bootstrap) as cluster:
        found = _ours(cluster)
        todo = steps(wanted, found)
        if refused := [f"{step.topic} {step.detail}" for step in todo if step.action == "refused"]:
            raise TopologyError("; ".join(refused))
        if busy and (growing := _named(todo, "grow")):
            raise TopologyError(f"{', '.join(growing)} cannot grow now: {DRAIN} (at work: {', '.join(busy)})")
        cluster.create({name: wanted[name] for name in _named(todo, "create")})
        cluster.grow({name: wanted[name].partitions for name in _named(todo, "grow")})
        for name in _named(todo, "settings"):
            cluster.set(name, found[name].settings, wanted[name].settings)
        return todo, cluster.id(), _ours(cluster)


def _ours(cluster: KafkaAdmin) -> dict[str, TopicSpec]:
    return {name: topic for name, topic in cluster.topics().items() if name.startswith(OURS)}


def _named(todo: Sequence[Step], action: str) -> list[str]:
    return [step.topic for step in todo if step.action == action]


async def _busy(admin_url: str) -> list[str]:
    """The services that run, or that have something to say yet."""
    connection = await asyncpg.connect(admin_url)
    try:
        return [service for service in SERVICES if await _at_work(connection, service)]
    finally:
        await connection.close()


async def _at_work(connection: asyncpg.Connection, service: str) -> bool:
    async with connection.transaction():
        await connection.execute(f"SET LOCAL search_path = {service}")
        return bool(await connection.fetchval(SQL["at_work"]))


async def _record(admin_url: str, cluster_id: str, found: Mapping[str, TopicSpec]) -> None:
    """Extra topics are written as well: a service that reads by pattern meets them too."""
    rows = [(name, topic.id, cluster_id, topic.partitions) for name, topic in found.items()]
    connection = await asyncpg.connect(admin_url)
    try:
        async with connection.transaction():
            for service in SERVICES:
                await connection.execute(f"SET LOCAL search_path = {service}")
                await connection.execute(SQL["record"], *map(list, zip(*rows, strict=True)))
    finally:
        await connection.close()
