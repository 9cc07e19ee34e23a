"""The real house as faults find it: every part a process that can be killed, frozen and started again, with one's own doors."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from deploy.async_tools import finish
from deploy.provision import migrations, topology
from deploy.provision.kafka_admin import KafkaAdmin, TopicSpec
from deploy.stack import ports_and_secrets
from deploy.stack.embedded import kafka, postgres
from deploy.stack.endpoints import SERVICES, Endpoints, environment
from deploy.stack.process import ManagedProcess, spawn
from deploy.stack.progress import NullProgress
from tests.fault_injection.cluster.proxy import Proxy
from tests.fault_injection.smtp_server import PostOffice

MODULES = {name: f"services.{name}" for name in SERVICES} | {"pages": "services.notify.pages"}
PARTNERS = ("demo", "second", "third")
GRANTS = '["organisation-submitted", "readiness-reported", "expert-submitted", "vacancy-submitted"]'
PROPERTIES = kafka.PROPERTIES
LAUNCHER = "tests.fault_injection.launcher"
PATIENCE = 120.0


class Death(NamedTuple):
    """A process that ended without being asked to, and its exit code."""

    name: str
    code: int | None


@dataclass
class Cluster:
    """One stack with its processes. Names of processes are the service's, a second one has `-2` behind it."""

    endpoints: Endpoints
    kept: ports_and_secrets.PortsAndSecrets
    policy: Path
    post: PostOffice
    proxies: dict[str, Proxy]
    stack: dict[str, ManagedProcess] = field(default_factory=dict)
    children: dict[str, ManagedProcess] = field(default_factory=dict)
    launched: dict[str, tuple[Sequence[str], bool]] = field(default_factory=dict)
    died: list[Death] = field(default_factory=list)
    """In order; each was started again."""

    @property
    def var(self) -> Path:
        return self.endpoints.var

    async def start(self, name: str, *how: str, proxied: bool = False) -> None:
        """Starts a process, or a second one; `how` goes to the launcher. Returns when it is ready, or crashed as it should."""
        self.launched[name] = how, proxied
        child = await self._spawned(name, how, proxied)

        async def ready() -> bool:
            return await child.logged_ready() or ("--at" in how and not child.alive)

        await child.wait_until(ready, PATIENCE)

    async def _spawned(self, name: str, how: Sequence[str], proxied: bool) -> ManagedProcess:
        process = name.partition("-")[0]
        module = MODULES[process]
        command = [sys.executable, "-m", *([LAUNCHER, module, *how] if how else [module])]
        endpoints = self.behind_proxies() if proxied else self.endpoints
        settings = environment(endpoints, process) | {"TANDEM_POLICY": str(self.policy)}
        child = await spawn(name, command, self.var, environment=settings)
        self.children[name] = child
        return child

    def behind_proxies(self) -> Endpoints:
        """The same house, reached through the proxies."""
        parts = urlsplit(self.endpoints.database)
        address = f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{self.proxies['postgres'].port}"
        database = urlunsplit(parts._replace(netloc=address))
        return replace(self.endpoints, database=database, kafka=f"127.0.0.1:{self.proxies['kafka'].port}")

    async def start_all(self) -> None:
        await asyncio.gather(*(self.start(name) for name in MODULES))

    async def stop(self, name: str) -> int | None:
        """SIGTERM, and its exit code."""
        child = self.children.pop(name)
        await child.stop()
        return child.process.returncode

    async def again(self, how: Mapping[str, Sequence[str]], *, proxied: bool = False) -> None:
        """Stops these processes and starts them, each as it is said."""
        await asyncio.gather(*(self.stop(name) for name in how if name in self.children))
        await asyncio.gather(*(self.start(name, *options, proxied=proxied) for name, options in how.items()))

    def freeze(self, name: str) -> None:
        self.children[name].process.send_signal(signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        self.children[name].process.send_signal(signal.SIGCONT)

    async def keep_alive(self) -> None:
        """As an operator's platform does: a process that ended is started again, as it should be. Until cancelled."""
        while True:
            for name, child in list(self.children.items()):
                if not child.alive and self.children.get(name) is child:
                    self.died.append(Death(name, child.process.returncode))
                    await self._spawned(name, (), self.launched[name][1])
            await asyncio.sleep(0.1)

    async def all_ready(self) -> None:
        """Every process is at work."""
        for name in list(self.children):
            async with asyncio.timeout(PATIENCE):
                while not await self.children[name].logged_ready():  # noqa: ASYNC110
                    await asyncio.sleep(0.05)

    async def start_kafka(self) -> None:
        self.stack["kafka"] = await kafka.start(self.var, self.kept.ports, NullProgress())

    async def start_postgres(self) -> None:
        port, password = self.kept.ports["postgres"], self.kept.passwords["admin"]
        self.stack["postgres"] = await postgres.start(self.var, port, password, fsync=True)

    async def prepare(self) -> None:
        """Tables and topics, those of the partners beside."""
        await migrations.migrate(self.endpoints.database, self.endpoints.passwords)
        await asyncio.to_thread(self._make_topics)
        await topology.apply(self.endpoints.kafka, self.endpoints.database)

    def _make_topics(self) -> None:
        shape = TopicSpec(12, 1, {})
        names = [f"tandem.partner.{partner}.{end}" for partner in PARTNERS for end in ("submissions", "receipts")]
        with KafkaAdmin(self.endpoints.kafka) as admin:
            there = admin.topics()
            admin.create({name: shape for name in names if name not in there})

    async def fetch(self, statement: str, *arguments: Any) -> list[Any]:
        """Asks the database, as its administrator."""
        connection = await asyncpg.connect(self.endpoints.database, timeout=10)
        try:
            return [dict(row) for row in await connection.fetch(statement, *arguments)]
        finally:
            await connection.close()


@asynccontextmanager
async def cluster(var: Path, seed: int) -> AsyncIterator[Cluster]:
    """A house without processes yet. Everything that was started is gone at the end."""
    var, kept = ports_and_secrets.prepare(var)
    await ports_and_secrets.wait_until_free(kept.ports)
    doors = ports_and_secrets.free_ports(2)
    proxies = {name: Proxy(port, kept.ports[name], seed) for name, port in zip(("kafka", "postgres"), doors, strict=True)}
    made = Cluster(kept.endpoints(var), kept, partners(var), PostOffice(kept.ports["smtp"]), proxies)
    kafka.PROPERTIES = second_listener(proxies["kafka"])
    try:
        await asyncio.gather(made.start_kafka(), made.start_postgres(), made.post.start(), *(p.start() for p in proxies.values()))
        await made.prepare()
        yield made
    finally:
        await finish(close(made))


async def close(made: Cluster) -> None:
    for child in made.children.values():
        await child.kill()
    await asyncio.gather(made.post.stop(), *(proxy.stop() for proxy in made.proxies.values()))
    await asyncio.gather(*(child.kill() for child in made.stack.values()))


def second_listener(proxy: Proxy) -> str:
    """The broker's settings with a listener more, that it tells its clients to reach by the proxy."""
    (proxy.target,) = ports_and_secrets.free_ports(1)
    return (
        PROPERTIES.replace("\nlisteners=", f"\nlisteners=BEHIND://127.0.0.1:{proxy.target},")
        .replace("\nadvertised.listeners=", f"\nadvertised.listeners=BEHIND://127.0.0.1:{proxy.port},")
        .replace("protocol.map=", "protocol.map=BEHIND:PLAINTEXT,")
    )


def partners(var: Path) -> Path:
    """The programme's policy with two partners more."""
    file = var / "policy.toml"
    ours = (Path(__file__).parents[3] / "deploy/config/policy.toml").read_text()
    file.write_text(ours + "".join(f'\n[[partners]]\nid = "{id}"\ngrants = {GRANTS}\n' for id in PARTNERS[1:]))
    return file
