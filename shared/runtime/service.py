"""A service: its wiring and its life cycle."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from aiokafka import TopicPartition

from shared import clock
from shared.errors import WiringError
from shared.kafka.consumer import BatchConsumer
from shared.kafka.decoding import Decode, decoder_for
from shared.kafka.incoming import Incoming, Received
from shared.kafka.offset_tracker import Offsets
from shared.kafka.route import Route
from shared.messages.envelope import Envelope
from shared.pipeline import inbox
from shared.pipeline.component import Component
from shared.pipeline.decider import Decider
from shared.pipeline.relay import Relay
from shared.pipeline.runner import Runner, StateStore, process_or_bisect
from shared.postgres.pool import Connection, Pool, connection, open_pool
from shared.postgres.retry import retry_limit, retry_transient
from shared.runtime import health, maintenance
from shared.runtime.consumers import running_consumers
from shared.runtime.relay_lifecycle import running_relay
from shared.runtime.supervisor import Supervisor
from shared.runtime.topology_cache import TopologyCache
from shared.runtime.wakeups import Wakeups
from shared.settings import Settings

SPARE_CONNECTIONS = 4
"""Connections for the relay and the workers; each consumer adds one to the pool."""


class Service:
    """A decider with its stores, routes and components. It runs once: `running` sets the attributes that are only declared here."""

    settings: Settings
    pool: Pool
    topology: TopologyCache
    relay: Relay
    consumers: Sequence[BatchConsumer] = ()

    def __init__(
        self,
        name: str,
        decider: Decider[Any],
        *,
        stores: Sequence[StateStore[Any]],
        routes: Sequence[Route] = (),
        components: Sequence[Component] = (),
    ) -> None:
        self.name, self.routes, self.components = name, routes, components
        self.local_inputs = {message.kind: message for component in components for message in component.local_inputs}
        handlers = {effect: handler for component in components for effect, handler in component.effect_handlers.items()}
        self._decode_local_input = decoder_for(*self.local_inputs.values()) if self.local_inputs else None
        self.runner = Runner(name, decider, stores, handlers)
        self._wakeups = Wakeups()
        self._supervisor = Supervisor(self._wakeups)

    async def handle(self, envelopes: Sequence[Envelope[Any]], *, dead_letter_failures: bool = False) -> None:
        """Process local inputs, from pages, timers and workers, in one transaction. Returns once it is committed.

        Transient errors are retried. Any other error raises and nothing has happened; with `dead_letter_failures` the messages
        that cause it become dead letters instead and the others are processed.
        """
        for envelope in envelopes:
            if envelope.data.kind not in self.local_inputs:
                raise WiringError(f"{envelope.data.kind} is not a local input of {self.name}")
        now = clock.now()
        batch = [Received(now, envelope) for envelope in envelopes]
        if batch:
            await (self._process_or_bisect(batch) if dead_letter_failures else self.process_batch(batch))

    async def process_batch(self, batch: Sequence[Incoming]) -> None:
        """Process a batch in one transaction, retrying transient errors. Raises what `Runner.process` raises."""
        await self._run_transaction(lambda db: self.runner.process(db, self.topology.topics, batch))

    async def replay(self, id: int, envelope: Envelope[Any] | None) -> None:
        """Process a dead letter again, retrying transient errors. Raises what `Runner.process` raises."""
        await self._run_transaction(lambda db: self.runner.replay(db, self.topology.topics, id, envelope))

    def find_decoder(self, topic: str | None, kind: str | None) -> Decode | None:
        """Return the decoder of a topic, or of the kind of a local input (no topic); None if this process does not consume it."""
        if topic is None:
            return self._decode_local_input if kind in self.local_inputs else None
        return next((route.decode for route in self.routes if route.matches(topic)), None)

    async def advance_offsets(self, skipped: Mapping[TopicPartition, int]) -> None:
        """Store the offsets of skipped records; leave out those of a topic that no longer exists."""
        known = {tp: offset for tp, offset in skipped.items() if tp.topic in self.topology.topics}

        async def transaction() -> None:
            async with connection(self.pool) as db:
                await inbox.advance_offsets(db, self.topology.topics, known)

        if known:
            await retry_transient(transaction)

    @property
    def stopping(self) -> bool:
        """True after the stop was requested: long-running work should be abandoned."""
        return self._wakeups.stopping

    async def sleep_until_stop(self, seconds: float, wake: asyncio.Event | None = None) -> bool:
        """Sleep, at most until the stop, or until `wake` is set, which is cleared. A worker continues while it returns True."""
        return await self._wakeups.sleep_until_stop(seconds, wake)

    def commit_event(self) -> asyncio.Event:
        """Return a new event, set at each commit of this process and at the stop, so that a worker need not poll often."""
        return self._wakeups.commit_event()

    def is_healthy(self) -> bool:
        """Return True if the consumers and components are healthy."""
        return all(consumer.is_healthy() for consumer in self.consumers) and all(part.is_healthy() for part in self.components)

    async def wait_failed(self) -> None:
        """Return when a part of the service has failed."""
        await self._supervisor.wait_failed()

    @asynccontextmanager
    async def running(self, settings: Settings) -> AsyncIterator["Service"]:
        """Start the service; at the exit stop it in reverse order, draining each part, and raise the error that failed it, if any.

        Raises `NotProvisioned` if the database has no tables or topology.
        """
        self.settings = settings
        retry_limit.set(self._wakeups.retry_limit)  # for all tasks that are started from here
        async with AsyncExitStack() as stack:
            await self._open_pool(stack)
            await self._start_relay(stack)
            await self._start_consumers(stack)
            workers = (health.report_health, *maintenance.WORKERS, *(w for c in self.components for w in c.workers))
            await stack.enter_async_context(self._supervisor.running(worker(self) for worker in workers))
            yield self
        self._supervisor.raise_failure()

    async def _open_pool(self, stack: AsyncExitStack) -> None:
        size = sum(route.concurrency for route in self.routes) + SPARE_CONNECTIONS
        self.pool = await stack.enter_async_context(open_pool(self.settings.database.get_secret_value(), size))
        self._wakeups.retry_limit.at_end(self.pool.terminate)
        self.topology = TopologyCache(self.pool)
        await self.topology.load()

    async def _start_relay(self, stack: AsyncExitStack) -> None:
        self.relay = await stack.enter_async_context(running_relay(self.settings.kafka, self.pool, self._supervisor))

    async def _start_consumers(self, stack: AsyncExitStack) -> None:
        consumers = running_consumers(
            self.settings.kafka,
            self.name,
            self.routes,
            process=self._process_or_bisect,
            load_offsets=self._load_offsets,
            fail=self._supervisor.fail,
        )
        self.consumers = await stack.enter_async_context(consumers)

    async def _process_or_bisect(self, batch: Sequence[Incoming]) -> None:
        await process_or_bisect(self.process_batch, batch)

    async def _load_offsets(self, partitions: Sequence[TopicPartition]) -> Offsets | None:
        async def load() -> Offsets:
            async with connection(self.pool) as db:
                return await inbox.load_offsets(db, self.topology.topics, partitions)

        try:
            return await retry_transient(load)
        except Exception as error:
            self._supervisor.fail(error)
            return None

    async def _run_transaction(self, work: Callable[[Connection], Awaitable[None]]) -> None:
        async def transaction() -> None:
            async with connection(self.pool) as db:
                await work(db)

        await self.topology.retry_unknown_topic(lambda: retry_transient(transaction))
        self._after_commit()

    def _after_commit(self) -> None:
        self.relay.wake()
        self._wakeups.notify_waiters()
