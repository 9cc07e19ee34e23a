"""Where runs happen: one embedded stack with fsync on, its topics and tables made anew for each run, fresh processes."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.provision import migrations, topology
from deploy.provision.kafka_admin import KafkaAdmin
from deploy.stack import embedded
from deploy.stack.endpoints import SERVICES, Endpoints, notify_settings, settings
from deploy.stack.process import ManagedProcess, spawn
from tests.benchmarks import metrics
from tests.benchmarks.load import publishing as load
from tests.benchmarks.load.publishing import Load
from tests.benchmarks.metrics import Figures

PATIENCE = 90.0
LONG = 300.0


@dataclass(frozen=True)
class Contender:
    """What is measured: a module that runs as so many processes, in this environment."""

    name: str
    module: str
    environment: dict[str, str]
    processes: int = 1


@dataclass(frozen=True)
class Environment:
    """The stack, and what stands outside of what is measured."""

    endpoints: Endpoints
    admin: asyncpg.Connection
    producer: AIOKafkaProducer
    consumer: AIOKafkaConsumer

    async def fresh(self) -> None:
        """Empty topics and tables."""
        for schema in (*SERVICES, "reference"):
            await self.admin.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        await asyncio.to_thread(_without_topics, self.endpoints.kafka)
        await migrations.migrate(self.endpoints.database, self.endpoints.passwords)
        await topology.apply(self.endpoints.kafka, self.endpoints.database)
        await self.admin.execute("CREATE SCHEMA reference")
        await self.admin.execute("CHECKPOINT")

    def service(self, name: str, processes: int = 1) -> Contender:
        """One of the house's services, as it runs in production."""
        told = settings(self.endpoints, name) | (notify_settings(self.endpoints) if name == "notify" else {})
        del told["TANDEM_CLOCK_FILE"]
        return Contender(name, f"services.{name}", told | {"TANDEM_PROFILE": "production"}, processes)

    def relay(self) -> Contender:
        """The relay alone, on intake's outbox."""
        return replace(self.service("intake"), name="relay", module="tests.benchmarks.processes.relay")

    def reference(self, name: str) -> Contender:
        """One of the references."""
        told = {"BENCH_KAFKA": self.endpoints.kafka, "BENCH_DATABASE": self.endpoints.database}
        return Contender(name, f"tests.benchmarks.references.{name}", told)

    @asynccontextmanager
    async def running(self, contender: Contender, ready: bool = True) -> AsyncIterator[list[ManagedProcess]]:
        """Its processes, ready if it is asked; killed at the end, as nothing of them is needed any more."""
        async with AsyncExitStack() as stack:
            names = [f"{contender.name}-{nth}" for nth in range(contender.processes)]
            children = await asyncio.gather(*(self._spawned(stack, name, contender) for name in names))
            if ready:
                await asyncio.gather(*(child.wait_until(child.logged_ready) for child in children))
            yield children

    async def _spawned(self, stack: AsyncExitStack, name: str, contender: Contender, *arguments: str) -> ManagedProcess:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("TANDEM_")}
        command = [sys.executable, "-m", contender.module, *arguments]
        child = await spawn(name, command, self.endpoints.var, environment=inherited | contender.environment)
        stack.push_async_callback(child.kill)
        return child

    async def measured(self, contender: Contender, work: Load) -> Figures:
        """One run: everything is ready, then the load comes at once. Raises TimeoutError, and Trouble for a process that died."""
        batches = load.packed(self.producer, work.records)
        async with self.running(contender) as children:
            publishing = asyncio.create_task(load.publish(self.producer, batches))
            try:
                return await self._watched(children, lambda: self._handled(contender, work), len(work.records))
            finally:
                publishing.cancel()

    async def drained(self, contender: Contender, shows: str, count: int, already: int = 0) -> Figures:
        """One run over messages that wait already: the process begins as soon as it stands. `already` are on the topic."""
        async with self.running(contender, ready=False) as children:
            return await self._watched(children, lambda: self.count(shows, already), count)

    async def told(self, module: str, service: str, *arguments: str) -> dict[str, float]:
        """What a process prints as its last line, which is JSON. Raises Trouble where it fails, TimeoutError where it hangs."""
        contender = replace(self.service(service), name=module.rpartition(".")[2], module=module)
        async with AsyncExitStack() as stack, asyncio.timeout(LONG):
            child = await self._spawned(stack, contender.name, contender, *arguments)
            if await child.process.wait():
                raise child.exit_error()
            figures: dict[str, float] = json.loads([line for line in child.output().splitlines() if line.startswith("{")][-1])
            return figures

    async def _watched(self, children: Sequence[ManagedProcess], done: Callable[[], Awaitable[int]], whole: int) -> Figures:
        people = {child.name: child.process.pid for child in children} | self.others()
        ours = [child.name for child in children]
        try:
            samples = await metrics.sampled(done, whole, people, PATIENCE)
        except TimeoutError as error:
            raise TimeoutError(f"{ours[0]}: {error}\n{children[0].output_tail()}") from None
        memory = metrics.memory_of(child.process.pid for child in children)
        return metrics.rated(samples, whole, ours, memory)

    async def _handled(self, contender: Contender, work: Load) -> int:
        """Records that are handled, by what stands on the bus; of a service also by how far its positions say that it is."""
        shown = await self.count(work.shows) * len(work.records) // work.expected
        if contender.name not in SERVICES:
            return shown
        handled: int = await self.admin.fetchval(
            f"SELECT coalesce(sum(next_offset), 0)::int FROM {contender.name}.consumer_offsets"
        )
        return min(shown, handled)

    async def count(self, topic: str, already: int = 0) -> int:
        """Records on a fresh topic, without those that were `already` there."""
        return await metrics.ends(self.consumer, topic) - already

    def others(self) -> dict[str, int]:
        """The stack's own processes."""
        return {name: int((self.endpoints.var / f"run/{name}.pid").read_text()) for name in ("postgres", "kafka")}


@asynccontextmanager
async def environment(var: Path) -> AsyncIterator[Environment]:
    """The stack, started and stopped."""
    async with AsyncExitStack() as stack:
        endpoints = await stack.enter_async_context(embedded.stack(var, fsync=True))
        admin = await asyncpg.connect(endpoints.database)
        stack.push_async_callback(admin.close)
        producer = await load.producer(endpoints.kafka)
        stack.push_async_callback(producer.stop)
        consumer = AIOKafkaConsumer(bootstrap_servers=endpoints.kafka)
        await consumer.start()
        stack.push_async_callback(consumer.stop)
        yield Environment(endpoints, admin, producer, consumer)


def _without_topics(kafka: str) -> None:
    with KafkaAdmin(kafka) as cluster:
        cluster.delete([name for name in cluster.topics() if name.startswith("tandem.")])
