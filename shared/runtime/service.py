"""A service as it runs: its rules, its tables, its ears, its mouth and its workers, started in order and stopped in reverse."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import asyncpg
import uvloop
from aiokafka import TopicPartition

from shared import clock
from shared.error_text import safe_error_text
from shared.errors import NotProvisioned, TandemError, TopicNotDeclared, TopicRecreated, UnknownTopic
from shared.kafka import clients
from shared.kafka.consumer import DRAIN_TIMEOUT, BatchConsumer
from shared.kafka.faststream_adapter import create_broker
from shared.kafka.route import Route
from shared.log import configure, log
from shared.messages.envelope import Envelope, Message
from shared.pipeline import inbox
from shared.pipeline.decider import Decider, Effect
from shared.pipeline.inbox import Incoming, TopicInfo
from shared.pipeline.relay import Relay
from shared.pipeline.runner import EffectHandler, Runner, StateStore, process_or_bisect
from shared.pipeline.timers import TimerDue
from shared.postgres.named_queries import load_queries
from shared.postgres.pool import Pool, connection, create_pool
from shared.postgres.retry import retry_transient
from shared.runtime import health, maintenance
from shared.runtime.gc_tuning import freeze_startup_objects
from shared.settings import Settings

SQL = load_queries(__file__)
Worker = Callable[["Service"], Coroutine[Any, Any, None]]


class Service:
    """Wiring as lists. `own` are the kinds that come in by doors of our own (pages, workers) besides `TimerDue`.

    `healthy` says whether what the service itself serves is up. After the start `pool` and `settings` are there for workers.
    """

    pool: Pool
    settings: Settings
    relay: Relay

    def __init__(
        self,
        name: str,
        decider: Decider[Any],
        *,
        stores: Sequence[StateStore[Any]],
        effect_handlers: Mapping[type[Effect], EffectHandler] | None = None,
        routes: Sequence[Route] = (),
        workers: Sequence[Worker] = (),
        local_inputs: Sequence[type[Message]] = (),
        healthy: Callable[[], bool] = lambda: True,
    ) -> None:
        self.name, self.routes, self.workers, self.healthy = name, routes, workers, healthy
        kinds: list[type[Message]] = [*local_inputs, TimerDue]
        self.local_inputs = {message.kind: message for message in kinds}
        self.runner = Runner(name, decider, stores, effect_handlers or {})
        self.consumers: list[BatchConsumer] = []
        self.topology: dict[str, TopicInfo] = {}
        self._stopping, self._waiting = asyncio.Event(), list[asyncio.Event]()
        self._failure: asyncio.Future[None] | None = None

    async def handle(self, envelopes: Sequence[Envelope[Any]], *, dead_letter_failures: bool = False) -> None:
        """The way in for pages, timers and workers. Returns when it is committed; outages are waited out.

        What a rule cannot handle raises, and nothing of it has happened; with `park` it is put aside instead, and the rest goes on.
        """
        for envelope in envelopes:
            if envelope.data.kind not in self.local_inputs:
                raise NotProvisioned(f"{envelope.data.kind} is not among the kinds that {self.name} takes at its own doors")
        now = clock.now()
        batch = [Incoming(now, envelope) for envelope in envelopes]
        if batch:
            await (process_or_bisect(self.process_batch, batch) if dead_letter_failures else self.process_batch(batch))

    async def process_batch(self, batch: Sequence[Incoming]) -> None:
        """One batch, one transaction, tried until no outage stands in the way. Raises what the runner raises."""

        async def once() -> None:
            async with connection(self.pool) as db:
                await self.runner.handle(db, self.topology, batch)

        while True:
            try:
                await retry_transient(once)
                return self._nudge()
            except UnknownTopic as error:
                if not await self.refresh_topology():
                    if not isinstance(error, TopicNotDeclared):
                        raise
                    log.warning("topic_unknown", error=type(error).__name__, detail=safe_error_text(error))
                    await asyncio.sleep(1)

    @property
    def stopping(self) -> bool:
        """A worker in the middle of something long ends it soon."""
        return self._stopping.is_set()

    async def sleep_until_stop(self, seconds: float, wake: asyncio.Event | None = None) -> bool:
        """Waits, less long at a stop, or when `sooner` is set, which it clears. A worker goes on while it is true."""
        it = wake or self._stopping
        with suppress(TimeoutError):
            await asyncio.wait_for(it.wait(), seconds)
        if wake:
            wake.clear()
        return not self._stopping.is_set()

    def commit_event(self) -> asyncio.Event:
        """A new event, set at each commit of this process and at the stop: for a worker to look at once, and seldom otherwise."""
        self._waiting.append(asyncio.Event())
        return self._waiting[-1]

    def _nudge(self) -> None:
        self.relay.wake()
        self._wake()

    def _stop(self) -> None:
        self._stopping.set()
        self._wake()

    def _wake(self) -> None:
        for event in self._waiting:
            event.set()

    async def advance_offsets(self, after: Mapping[TopicPartition, int]) -> None:
        """Notes that there was nothing for us up to these positions; what is said of a topic that is gone is let go."""
        known = {line: place for line, place in after.items() if line[0] in self.topology}

        async def once() -> None:
            async with connection(self.pool) as db:
                await inbox.advance_offsets(db, self.topology, known)

        if known:
            await retry_transient(once)

    async def refresh_topology(self) -> bool:
        """Reads the topology; says whether there was something new. Raises `MadeAnew`."""
        rows = await retry_transient(lambda: self.pool.fetch(SQL["topology"]))
        topics = {row[0]: TopicInfo(*row[1:]) for row in rows}
        for name, topic in self.topology.items():
            if name in topics and topics[name].topic_id != topic.topic_id:
                raise TopicRecreated(f"{name} was made anew: start {self.name} again")
        new = topics.keys() - self.topology.keys()
        self.topology = topics
        return bool(new)

    @asynccontextmanager
    async def running(self, settings: Settings) -> AsyncIterator["Service"]:
        """The service at work. Raises at the end what made one of its parts fail. Raises `NotPrepared`."""
        self.settings, self._failure = settings, asyncio.get_running_loop().create_future()
        self._stopping.clear()
        self._waiting.clear()
        async with AsyncExitStack() as stack:
            await self._open(stack)
            await self._speak(stack)
            await self._listen(stack)
            stack.push_async_callback(
                self._stop_workers, [self._watched(w(self)) for w in (health.report_health, *maintenance.WORKERS, *self.workers)]
            )
            yield self
        if self._failure.done():
            self._failure.result()

    async def wait_failed(self) -> None:
        """Returns when a part of the service has failed."""
        assert self._failure is not None
        await asyncio.wait([self._failure])

    async def _open(self, stack: AsyncExitStack) -> None:
        lanes = sum(route.concurrency for route in self.routes)
        self.pool = await create_pool(self.settings.database.get_secret_value(), size=lanes + 4)
        stack.push_async_callback(self._close)
        try:
            await self.refresh_topology()
        except asyncpg.UndefinedTableError:
            raise NotProvisioned(f"the tables of {self.name} are not there: run `tandem db migrate`") from None
        if not self.topology:
            raise NotProvisioned("no topology was applied yet: run `tandem kafka apply`")

    async def _close(self) -> None:
        """Closes the connections; one that no longer answers is dropped."""
        try:
            await asyncio.wait_for(self.pool.close(), 2)
        except TimeoutError:
            self.pool.terminate()

    async def _speak(self, stack: AsyncExitStack) -> None:
        producer = await clients.start_producer(self.settings.kafka)
        stack.push_async_callback(producer.stop)
        self.relay = Relay(producer, self.pool)
        task = self._watched(self.relay.run())

        async def fall_silent() -> None:
            self._stop()
            self.relay.stop()
            await asyncio.wait([task], timeout=DRAIN_TIMEOUT)
            task.cancel()
            await asyncio.wait([task])

        stack.push_async_callback(fall_silent)

    async def _listen(self, stack: AsyncExitStack) -> None:
        broker = create_broker(self.settings.kafka, DRAIN_TIMEOUT)
        self.consumers = [
            BatchConsumer(broker, self.name, r, process=self._take, load_offsets=self._stand, abort=self._end)
            for r in self.routes
            for _ in range(r.concurrency)
        ]
        if self.consumers:
            stack.push_async_callback(broker.stop)
            await broker.start()

    async def _take(self, batch: Sequence[Incoming]) -> None:
        await process_or_bisect(self.process_batch, batch)

    async def _end(self, error: Exception) -> None:
        """Never returns: what would go on after it would skip a batch in silence."""
        self._fail(error)
        await asyncio.Event().wait()

    async def _stand(self, lines: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        async def once() -> dict[TopicPartition, int]:
            async with connection(self.pool) as db:
                return await inbox.load_offsets(db, self.topology, lines)

        try:
            return await retry_transient(once)
        except Exception as error:
            self._fail(error)
            return {}

    def _watched(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            self._fail(error)
        elif not self._stopping.is_set() and not task.cancelled():
            self._fail(RuntimeError(f"{task.get_coro()} ended before the stop"))

    def _fail(self, error: BaseException) -> None:
        log.error("service_failed", error=type(error).__name__, detail=safe_error_text(error))
        if self._failure and not self._failure.done():
            self._failure.set_exception(error)

    async def _stop_workers(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        self._stop()
        _, late = await asyncio.wait(tasks, timeout=DRAIN_TIMEOUT)
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def run(service: Service, settings: Settings) -> None:
    """Runs the service until SIGTERM or SIGINT, then drains it. What made it fail ends the process with an error."""
    configure(settings.log_level, service=service.name)
    clock.use_offset_file(settings.clock_file)
    try:
        uvloop.run(_run_until_signal(service, settings))
    except TandemError as error:
        raise SystemExit(str(error)) from None


async def _run_until_signal(service: Service, settings: Settings) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    told_to = asyncio.create_task(stop.wait())
    async with AsyncExitStack() as stack:
        start = asyncio.create_task(stack.enter_async_context(service.running(settings)))
        if await _first_completed(start, told_to):
            freeze_startup_objects()
            await _first_completed(asyncio.create_task(service.wait_failed()), told_to)
    log.info("stopped")


async def _first_completed(work: asyncio.Task[Any], stop: asyncio.Task[Any]) -> bool:
    """Whether the work ended before the stop; raises what it raised. At the stop it is cancelled, cleaning up behind it."""
    await asyncio.wait([work, stop], return_when=asyncio.FIRST_COMPLETED)
    if not work.done():
        work.cancel()
        await asyncio.wait([work])
        return False
    work.result()
    return True
