"""The cluster under test: PostgreSQL with fsync, Kafka, a mail server, proxies in front of both, and the service processes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from deploy.async_tools import finish
from deploy.partner_client.record import receipts_topic, submissions_topic
from deploy.provision import migrations, topology
from deploy.provision.kafka_admin import KafkaAdmin, TopicSpec
from deploy.stack import ports_and_secrets
from deploy.stack.embedded import kafka, postgres
from deploy.stack.endpoints import POLICY, Endpoints
from deploy.stack.ports_and_secrets import PortsAndSecrets
from deploy.stack.process import ManagedProcess
from deploy.stack.progress import NullProgress
from tests.fault_injection.cluster.processes import Processes
from tests.fault_injection.cluster.proxy import Proxy
from tests.support.smtp_server import SmtpServer

PARTNERS = ("demo", "second", "third")
PARTNER_TOPIC = TopicSpec(partitions=12, replication=1, settings={})
GRANTS = '["organisation-submitted", "readiness-reported", "expert-submitted", "vacancy-submitted"]'
KAFKA_PROPERTIES = kafka.PROPERTIES


@dataclass
class Cluster:
    """A running cluster. `infrastructure` holds the processes `kafka` and `postgres`, `proxies` the proxy of each."""

    endpoints: Endpoints
    config: PortsAndSecrets
    processes: Processes
    mail_server: SmtpServer
    proxies: dict[str, Proxy]
    infrastructure: dict[str, ManagedProcess] = field(default_factory=dict)

    @property
    def var(self) -> Path:
        return self.endpoints.var

    @property
    def received_emails(self) -> list[str]:
        """The id of each email that the mail server received, copies included."""
        return [mail.email_id for mail in self.mail_server.received]

    async def start_kafka(self) -> None:
        self.infrastructure["kafka"] = await kafka.start(self.var, self.config.ports, NullProgress())

    async def start_postgres(self) -> None:
        port, password = self.config.ports["postgres"], self.config.passwords["admin"]
        self.infrastructure["postgres"] = await postgres.start(self.var, port, password, fsync=True)

    async def provision(self) -> None:
        """Create tables and topics, including those of the additional partners."""
        await migrations.migrate(self.endpoints.database, self.endpoints.passwords)
        await asyncio.to_thread(self._create_partner_topics)
        await topology.apply(self.endpoints.kafka, self.endpoints.database)

    def _create_partner_topics(self) -> None:
        names = [topic_of(partner) for partner in PARTNERS for topic_of in (submissions_topic, receipts_topic)]
        with KafkaAdmin(self.endpoints.kafka) as admin:
            existing = admin.topics()
            admin.create({name: PARTNER_TOPIC for name in names if name not in existing})

    async def fetch(self, statement: str, *arguments: Any) -> list[Any]:
        """Run a query as the administrator."""
        connection = await asyncpg.connect(self.endpoints.database, timeout=10)
        try:
            return [dict(row) for row in await connection.fetch(statement, *arguments)]
        finally:
            await connection.close()

    async def close(self) -> None:
        """Kill everything."""
        await self.processes.kill_all()
        await asyncio.gather(self.mail_server.stop(), *(proxy.stop() for proxy in self.proxies.values()))
        await asyncio.gather(*(child.kill() for child in self.infrastructure.values()))


@asynccontextmanager
async def start_cluster(var: Path, seed: int) -> AsyncIterator[Cluster]:
    """Start a cluster without service processes; kill everything at the end."""
    var, config = ports_and_secrets.prepare(var)
    await ports_and_secrets.wait_until_free(config.ports)
    ports = ports_and_secrets.free_ports(2)
    proxies = {name: Proxy(port, config.ports[name], seed) for name, port in zip(("kafka", "postgres"), ports, strict=True)}
    kafka.PROPERTIES = add_proxied_listener(proxies["kafka"])
    endpoints = config.endpoints(var)
    processes = Processes(endpoints, through_proxies(endpoints, proxies), write_policy(var))
    cluster = Cluster(endpoints, config, processes, SmtpServer(config.ports["smtp"]), proxies)
    try:
        starting = cluster.start_kafka(), cluster.start_postgres(), cluster.mail_server.start()
        await asyncio.gather(*starting, *(proxy.start() for proxy in proxies.values()))
        await cluster.provision()
        yield cluster
    finally:
        await finish(cluster.close())


def add_proxied_listener(proxy: Proxy) -> str:
    """Return the broker's settings with another listener, which it advertises under the address of the proxy."""
    (proxy.target,) = ports_and_secrets.free_ports(1)
    return (
        KAFKA_PROPERTIES.replace("\nlisteners=", f"\nlisteners=PROXIED://127.0.0.1:{proxy.target},")
        .replace("\nadvertised.listeners=", f"\nadvertised.listeners=PROXIED://127.0.0.1:{proxy.port},")
        .replace("protocol.map=", "protocol.map=PROXIED:PLAINTEXT,")
    )


def through_proxies(endpoints: Endpoints, proxies: dict[str, Proxy]) -> Endpoints:
    """Return the same endpoints, reached through the proxies."""
    parts = urlsplit(endpoints.database)
    address = f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{proxies['postgres'].port}"
    database = urlunsplit(parts._replace(netloc=address))
    return replace(endpoints, database=database, kafka=f"127.0.0.1:{proxies['kafka'].port}")


def write_policy(var: Path) -> Path:
    """Write the default policy with the additional partners."""
    file = var / "policy.toml"
    grants = "".join(f'\n[[partners]]\nid = "{id}"\ngrants = {GRANTS}\n' for id in PARTNERS[1:])
    file.write_text(POLICY.read_text() + grants)
    return file
