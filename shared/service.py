"""A service as it runs: its rules, its tables, its ears, its mouth and its workers, started in order and stopped in reverse."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import asyncpg
import uvloop

from shared import bus, clock, inbox, upkeep
from shared.consumer import DRAIN, Lane
from shared.consumer import Route as Route
from shared.database import Pool, borrowed, connect, patiently
from shared.decider import Decider, Effect
from shared.errors import MadeAnew, NoSuchTopic, NotPrepared, NotYetKnown, Told, told
from shared.inbox import Arrived, Line, Topic
from shared.log import configure, log
from shared.messages.envelope import Envelope, Message
from shared.relay import Relay
from shared.runner import Rows, Runner, Sink, through
from shared.settings import Settings
from shared.sql import queries
from shared.steady import steady
from shared.timers import TimerDue

SQL = queries(__file__)
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
        rows: Sequence[Rows[Any]],
        sinks: Mapping[type[Effect], Sink] | None = None,
        routes: Sequence[Route] = (),
        workers: Sequence[Worker] = (),
        own: Sequence[type[Message]] = (),
        healthy: Callable[[], bool] = lambda: True,
    ) -> None:
        self.name, self.routes, self.workers, self.healthy = name, routes, workers, healthy
        kinds: list[type[Message]] = [*own, TimerDue]
        self.own = {message.kind: message for message in kinds}
        self.runner = Runner(name, decider, rows, sinks or {})
        self.lanes: list[Lane] = []
        self.topics: dict[str, Topic] = {}
        self._stopping, self._waiting = asyncio.Event(), list[asyncio.Event]()
        self._failure: asyncio.Future[None] | None = None

    async def handle(self, envelopes: Sequence[Envelope[Any]], *, park: bool = False) -> None:
        """The way in for pages, timers and workers. Returns when it is committed; outages are waited out.

        What a rule cannot handle raises, and nothing of it has happened; with `park` it is put aside instead, and the rest goes on.
        """
        for envelope in envelopes:
            if envelope.data.kind not in self.own:
                raise NotPrepared(f"{envelope.data.kind} is not among the kinds that {self.name} takes at its own doors")
        now = clock.now()
        batch = [Arrived(now, envelope) for envelope in envelopes]
        if batch:
            await (through(self.attempt, batch) if park else self.attempt(batch))

    async def attempt(self, batch: Sequence[Arrived]) -> None:
        """One batch, one transaction, tried until no outage stands in the way. Raises what the runner raises."""

        async def once() -> None:
            async with borrowed(self.pool) as db:
                await self.runner.handle(db, self.topics, batch)

        while True:
            try:
                await patiently(once)
                return self._nudge()
            except NoSuchTopic as error:
                if not await self.learn():
                    if not isinstance(error, NotYetKnown):
                        raise
                    log.warning("waiting", error=type(error).__name__, detail=told(error))
                    await asyncio.sleep(1)

    @property
    def stopping(self) -> bool:
        """A worker in the middle of something long ends it soon."""
        return self._stopping.is_set()

    async def pause(self, seconds: float, sooner: asyncio.Event | None = None) -> bool:
        """Waits, less long at a stop, or when `sooner` is set, which it clears. A worker goes on while it is true."""
        it = sooner or self._stopping
        with suppress(TimeoutError):
            await asyncio.wait_for(it.wait(), seconds)
        if sooner:
            sooner.clear()
        return not self._stopping.is_set()

    def commits(self) -> asyncio.Event:
        """A new event, set at each commit of this process and at the stop: for a worker to look at once, and seldom otherwise."""
        self._waiting.append(asyncio.Event())
        return self._waiting[-1]

    def _nudge(self) -> None:
        self.relay.nudge()
        self._wake()

    def _stop(self) -> None:
        self._stopping.set()
        self._wake()

    def _wake(self) -> None:
        for event in self._waiting:
            event.set()

    async def move_on(self, after: Mapping[Line, int]) -> None:
        """Notes that there was nothing for us up to these positions; what is said of a topic that is gone is let go."""
        known = {line: place for line, place in after.items() if line[0] in self.topics}

        async def once() -> None:
            async with borrowed(self.pool) as db:
                await inbox.move_on(db, self.topics, known)

        if known:
            await patiently(once)

    async def learn(self) -> bool:
        """Reads the topology; says whether there was something new. Raises `MadeAnew`."""
        rows = await patiently(lambda: self.pool.fetch(SQL["topology"]))
        topics = {row[0]: Topic(*row[1:]) for row in rows}
        for name, topic in self.topics.items():
            if name in topics and topics[name].topic_id != topic.topic_id:
                raise MadeAnew(f"{name} was made anew: start {self.name} again")
        new = topics.keys() - self.topics.keys()
        self.topics = topics
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
            stack.push_async_callback(self._stop_workers, [self._watched(w(self)) for w in (*upkeep.WORKERS, *self.workers)])
            yield self
        if self._failure.done():
            self._failure.result()

    async def failed(self) -> None:
        """Returns when a part of the service has failed."""
        assert self._failure is not None
        await asyncio.wait([self._failure])

    async def _open(self, stack: AsyncExitStack) -> None:
        lanes = sum(route.lanes for route in self.routes)
        self.pool = await connect(self.settings.database.get_secret_value(), size=lanes + 4)
        stack.push_async_callback(self._close)
        try:
            await self.learn()
        except asyncpg.UndefinedTableError:
            raise NotPrepared(f"the tables of {self.name} are not there: run `tandem db migrate`") from None
        if not self.topics:
            raise NotPrepared("no topology was applied yet: run `tandem kafka apply`")

    async def _close(self) -> None:
        """Closes the connections; one that no longer answers is dropped."""
        try:
            await asyncio.wait_for(self.pool.close(), 2)
        except TimeoutError:
            self.pool.terminate()

    async def _speak(self, stack: AsyncExitStack) -> None:
        producer = await bus.producer(self.settings.kafka)
        stack.push_async_callback(producer.stop)
        self.relay = Relay(producer, self.pool)
        task = self._watched(self.relay.run())

        async def fall_silent() -> None:
            self._stop()
            self.relay.stop()
            await asyncio.wait([task], timeout=DRAIN)
            task.cancel()
            await asyncio.wait([task])

        stack.push_async_callback(fall_silent)

    async def _listen(self, stack: AsyncExitStack) -> None:
        broker = bus.broker(self.settings.kafka, patience=DRAIN)
        self.lanes = [Lane(broker, self.name, r, self._take, self._stand, self._end) for r in self.routes for _ in range(r.lanes)]
        if self.lanes:
            stack.push_async_callback(broker.stop)
            await broker.start()

    async def _take(self, batch: Sequence[Arrived]) -> None:
        await through(self.attempt, batch)

    async def _end(self, error: Exception) -> None:
        """Never returns: what would go on after it would skip a batch in silence."""
        self._fail(error)
        await asyncio.Event().wait()

    async def _stand(self, lines: Sequence[Line]) -> dict[Line, int]:
        async def once() -> dict[Line, int]:
            async with borrowed(self.pool) as db:
                return await inbox.stand(db, self.topics, lines)

        try:
            return await patiently(once)
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
        log.error("failed", error=type(error).__name__, detail=told(error))
        if self._failure and not self._failure.done():
            self._failure.set_exception(error)

    async def _stop_workers(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        self._stop()
        _, late = await asyncio.wait(tasks, timeout=DRAIN)
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def run(service: Service, settings: Settings) -> None:
    """Runs the service until SIGTERM or SIGINT, then drains it. What made it fail ends the process with an error."""
    configure(settings.log_level, service=service.name)
    clock.follow(settings.clock_file)
    try:
        uvloop.run(_until_told(service, settings))
    except Told as error:
        raise SystemExit(str(error)) from None


async def _until_told(service: Service, settings: Settings) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    told_to = asyncio.create_task(stop.wait())
    async with AsyncExitStack() as stack:
        start = asyncio.create_task(stack.enter_async_context(service.running(settings)))
        if await _sooner(start, told_to):
            steady()
            await _sooner(asyncio.create_task(service.failed()), told_to)
    log.info("stopped")


async def _sooner(work: asyncio.Task[Any], stop: asyncio.Task[Any]) -> bool:
    """Whether the work ended before the stop; raises what it raised. At the stop it is cancelled, cleaning up behind it."""
    await asyncio.wait([work, stop], return_when=asyncio.FIRST_COMPLETED)
    if not work.done():
        work.cancel()
        await asyncio.wait([work])
        return False
    work.result()
    return True
