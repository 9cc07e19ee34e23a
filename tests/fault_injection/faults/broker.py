"""Kafka restarts or is away, its network is slow or lossy, a topic rejects records or grows."""

import asyncio
from itertools import islice

from deploy.provision import topology
from deploy.provision.kafka_admin import KafkaAdmin
from deploy.stack.endpoints import SERVICES
from tests.fault_injection.faults.fault import Fault, Inject
from tests.fault_injection.launcher.patching import replace
from tests.fault_injection.run_context import RunContext

LONG_OUTAGE = 14.0
"""Seconds, longer than the producers' request timeout of 10."""


def broker_away(seconds: float) -> Inject:
    """Return a fault in which the broker is killed and started again after some seconds."""

    async def inject(run: RunContext) -> None:
        loading = asyncio.create_task(run.load(seconds + 6))
        await asyncio.sleep(2)
        await run.cluster.infrastructure["kafka"].kill()
        await asyncio.sleep(seconds)
        await run.cluster.start_kafka()
        await loading

    return inject


def bad_network(delay: float, loss: float) -> Inject:
    """Return a fault in which services reach Kafka and PostgreSQL with a delay, and lose connections at random."""

    async def inject(run: RunContext) -> None:
        proxies = run.cluster.proxies.values()
        await run.processes.restart(dict.fromkeys(SERVICES, ()), proxied=True)
        for proxy in proxies:
            proxy.delay, proxy.loss = delay, loss
        await run.load(8, rate=20)
        await asyncio.sleep(4)
        for proxy in proxies:
            proxy.delay, proxy.loss = 0, 0
        await run.wait_quiet()
        await run.processes.restart(dict.fromkeys(SERVICES, ()))

    return inject


async def refusing_topic(run: RunContext) -> None:
    """Let Kafka reject one partner's receipts: other partners are not delayed (I7)."""
    topic = "tandem.partner.third.receipts"
    await asyncio.to_thread(_set_topic_settings, run, topic, {"max.message.bytes": "100"})
    rejected = await run.publish("third", list(islice(run.partner_events("third", "refused").events(), 30)))
    others = await run.publish("second", list(islice(run.partner_events("second", "beside").events(), 60)))
    run.assert_undisturbed(await run.wait_for_receipts(others, 20))
    await asyncio.to_thread(_set_topic_settings, run, topic, {})
    await run.wait_for_receipts(rejected, 60)


def _set_topic_settings(run: RunContext, topic: str, settings: dict[str, str]) -> None:
    with KafkaAdmin(run.cluster.endpoints.kafka) as admin:
        admin.alter_settings(topic, admin.topics()[topic].settings, settings)


async def more_partitions(run: RunContext) -> None:
    """Add partitions to a topic as `docs/operating.md` describes: let the outbox drain, then stop and start the services."""
    await run.load(3)
    await run.wait_quiet()
    names = [*SERVICES, "pages"]
    await asyncio.gather(*(run.processes.stop(name) for name in names))
    original, grown = topology.load_declaration, _with_more_partitions("tandem.coaching")
    replace(topology, "load_declaration", lambda: grown)
    await topology.apply(run.cluster.endpoints.kafka, run.cluster.endpoints.database)
    replace(topology, "load_declaration", original)
    await asyncio.gather(*(run.processes.start(name) for name in names))
    await run.load(5)


def _with_more_partitions(topic: str) -> topology.Declaration:
    """Return the declaration with this topic in a group of its own, with four more partitions."""
    declared = topology.load_declaration()
    ours, *others = declared.topics
    grown = ours.model_copy(update={"names": [topic], "partitions": ours.partitions + 4})
    unchanged = ours.model_copy(update={"names": [name for name in ours.names if name != topic]})
    return declared.model_copy(update={"topics": [grown, unchanged, *others]})


FAULTS = [
    Fault("broker-restart", broker_away(1)),
    Fault("broker-long-away", broker_away(LONG_OUTAGE), only_full=True),
    Fault("slow-network", bad_network(0.02, 0)),
    Fault("lossy-network", bad_network(0.003, 0.003)),
    Fault("refusing-topic", refusing_topic),
    Fault("more-partitions", more_partitions),
]
