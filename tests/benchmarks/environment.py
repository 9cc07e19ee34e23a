"""Where runs happen: one embedded stack with fsync, emptied before each run, and the processes to measure."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.provision import migrations, topology
from deploy.provision.kafka_admin import KafkaAdmin
from deploy.stack import embedded
from deploy.stack.endpoints import SERVICES, Endpoints, service_settings
from deploy.stack.process import ManagedProcess, spawn
from tests.benchmarks.load.publishing import PARTITIONS, start_producer


@dataclass(frozen=True)
class Contender:
    """What is measured: a module, run as one or more processes with these environment variables."""

    name: str
    module: str
    environment: dict[str, str]
    processes: int = 1


@dataclass(frozen=True)
class Environment:
    """The stack, and clients of it that are not measured."""

    endpoints: Endpoints
    admin: asyncpg.Connection
    producer: AIOKafkaProducer
    consumer: AIOKafkaConsumer

    async def reset(self) -> None:
        """Recreate all topics and tables."""
        for schema in (*SERVICES, "reference"):
            await self.admin.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        await asyncio.to_thread(_delete_topics, self.endpoints.kafka)
        await migrations.migrate(self.endpoints.database, self.endpoints.passwords)
        await topology.apply(self.endpoints.kafka, self.endpoints.database)
        await self.admin.execute("CREATE SCHEMA reference")
        await self.admin.execute("CHECKPOINT")

    def service(self, name: str, processes: int = 1, **overrides: str) -> Contender:
        """One of our services with its production settings and these overrides."""
        variables = service_settings(self.endpoints, name)
        del variables["TANDEM_CLOCK_FILE"]
        return Contender(name, f"services.{name}", variables | {"TANDEM_PROFILE": "production"} | overrides, processes)

    def relay(self) -> Contender:
        """The relay alone, on intake's outbox."""
        return replace(self.service("intake"), name="relay", module="tests.benchmarks.processes.relay")

    def reference(self, name: str) -> Contender:
        """One of the references."""
        variables = {"BENCH_KAFKA": self.endpoints.kafka, "BENCH_DATABASE": self.endpoints.database}
        return Contender(name, f"tests.benchmarks.references.{name}", variables)

    @asynccontextmanager
    async def running(self, contender: Contender, ready: bool = True) -> AsyncIterator[list[ManagedProcess]]:
        """Run the processes of a contender, by default all ready, and kill them at the end."""
        async with AsyncExitStack() as stack:
            one = [replace(contender, name=f"{contender.name}-{number}") for number in range(contender.processes)]
            starting = (stack.enter_async_context(start_process(self.endpoints.var, process)) for process in one)
            children = await asyncio.gather(*starting)
            if ready:
                await asyncio.gather(*(child.wait_until(child.logged_ready) for child in children))
            yield children

    async def count_records(self, topic: str) -> int:
        """Return how many records a recreated topic holds."""
        ends = await self.consumer.end_offsets([TopicPartition(topic, partition) for partition in range(PARTITIONS)])
        return sum(ends.values())

    def infrastructure_pids(self) -> dict[str, int]:
        return {name: int((self.endpoints.var / f"run/{name}.pid").read_text()) for name in ("postgres", "kafka")}


@asynccontextmanager
async def start_process(var: Path, contender: Contender, *arguments: str) -> AsyncIterator[ManagedProcess]:
    """Start one process of a contender, and kill it at the end."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TANDEM_")}
    command = [sys.executable, "-m", contender.module, *arguments]
    child = await spawn(contender.name, command, var, environment=inherited | contender.environment)
    try:
        yield child
    finally:
        await child.kill()


@asynccontextmanager
async def start_environment(var: Path) -> AsyncIterator[Environment]:
    """Start the stack, and stop it at the end."""
    async with AsyncExitStack() as stack:
        endpoints, _ = await stack.enter_async_context(embedded.infrastructure(var, fsync=True))
        admin = await asyncpg.connect(endpoints.database)
        stack.push_async_callback(admin.close)
        producer = await start_producer(endpoints.kafka)
        stack.push_async_callback(producer.stop)
        consumer = AIOKafkaConsumer(bootstrap_servers=endpoints.kafka)
        await consumer.start()
        stack.push_async_callback(consumer.stop)
        yield Environment(endpoints, admin, producer, consumer)


def _delete_topics(kafka: str) -> None:
    with KafkaAdmin(kafka) as admin:
        admin.delete([name for name in admin.topics() if name.startswith("tandem.")])
