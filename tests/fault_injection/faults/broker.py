"""Kafka goes away, for a moment or for long; its network is slow or loses; a topic refuses, or grows."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import islice

from deploy.provision import topology
from deploy.provision.kafka_admin import KafkaAdmin
from deploy.stack.endpoints import SERVICES
from tests.fault_injection.launcher.seeded_bugs import swap
from tests.fault_injection.run_context import RunContext

LONG = 14.0
"""Seconds, more than the producers' request timeout of 10."""
Fault = Callable[[RunContext], Awaitable[None]]


def away(seconds: float) -> Fault:
    """The broker is killed, and comes back after so long."""

    async def play(scene: RunContext) -> None:
        loading = asyncio.create_task(scene.load(seconds + 6))
        await asyncio.sleep(2)
        await scene.cluster.stack["kafka"].kill()
        await asyncio.sleep(seconds)
        await scene.cluster.start_kafka()
        await loading

    return play


def network(delay: float, loss: float) -> Fault:
    """Every service reaches the bus and the database by a network that is slow, and ends connections now and then."""

    async def play(scene: RunContext) -> None:
        site = scene.cluster
        await site.again(dict.fromkeys(SERVICES, ()), proxied=True)
        for proxy in site.proxies.values():
            proxy.delay, proxy.loss = delay, loss
        await scene.load(8, rate=20)
        await asyncio.sleep(4)
        for proxy in site.proxies.values():
            proxy.delay, proxy.loss = 0, 0
        await scene.quiet()
        await site.again(dict.fromkeys(SERVICES, ()))

    return play


async def refusing_topic(scene: RunContext) -> None:
    """One partner's receipts are refused by the bus; every other partner goes on at its pace (I7)."""
    topic = "tandem.partner.third.receipts"
    await asyncio.to_thread(_limit, scene, topic, {"max.message.bytes": "100"})
    held = await scene.sent("third", list(islice(scene.stream("third", "refused"), 30)))
    seconds = await scene.answered(await scene.sent("second", list(islice(scene.stream("second", "beside"), 60))), 20)
    scene.undisturbed(seconds)
    await asyncio.to_thread(_limit, scene, topic, {})
    await scene.answered(held, 60)


def _limit(scene: RunContext, topic: str, then: dict[str, str]) -> None:
    with KafkaAdmin(scene.cluster.endpoints.kafka) as cluster:
        cluster.alter_settings(topic, cluster.topics()[topic].settings, then)


async def more_partitions(scene: RunContext) -> None:
    """A topic grows, as the manual says: the outbox is drained first, and the services start again."""
    await scene.load(3)
    await scene.quiet()
    names = [*SERVICES, "pages"]
    await asyncio.gather(*(scene.cluster.stop(name) for name in names))
    declared = topology.load_declaration
    swap(topology, "load_declaration", _with_a_larger("tandem.coaching"))
    await topology.apply(scene.cluster.endpoints.kafka, scene.cluster.endpoints.database)
    swap(topology, "load_declaration", declared)
    await asyncio.gather(*(scene.cluster.start(name) for name in names))
    await scene.load(5)


def _with_a_larger(topic: str) -> Callable[[], topology.Declaration]:
    """The file with this topic in a family of its own, of more partitions."""
    declared = topology.load_declaration()
    ours, *others = declared.topics
    grown = ours.model_copy(update={"names": [topic], "partitions": ours.partitions + 4})
    rest = ours.model_copy(update={"names": [name for name in ours.names if name != topic]})
    return lambda: declared.model_copy(update={"topics": [grown, rest, *others]})


FAULTS: dict[str, tuple[Fault, bool]] = {
    "broker-restart": (away(1), False),
    "broker-long-away": (away(LONG), True),
    "slow-network": (network(0.02, 0), False),
    "lossy-network": (network(0.003, 0.003), False),
    "refusing-topic": (refusing_topic, False),
    "more-partitions": (more_partitions, False),
}
