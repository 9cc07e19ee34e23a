"""A simulated database, broker and clock below the real runner and relay. The test chooses what happens next, is lost, or crashes.

The database keeps what the pipeline relies on in PostgreSQL: row, key and id locks until the end of a transaction, outbox ids drawn
at the insert, writes visible after the commit, one snapshot per statement.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from heapq import heappop
from typing import Any, NamedTuple, Self

from aiokafka.errors import RequestTimedOutError

from shared.kafka.topology import TopicInfo
from shared.pipeline.inbox import SQL
from shared.pipeline.relay import Relay
from shared.pipeline.relay_leases import SHARD_COUNT
from shared.pipeline.runner import Runner
from shared.postgres import key_locks

TOPICS = {"in": TopicInfo("c", "in", 2), "out": TopicInfo("c", "out", 2)}
RECORDS_PER_BATCH = 2
"""Capacity of a record batch."""


class SimulatedLoop(asyncio.BaseEventLoop):
    """An event loop without sockets. Its clock stands still until `advance` moves it to the next timer."""

    _ready: deque[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]
    at = 0.0

    def time(self) -> float:
        return self.at

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Ignore a record batch that was lost after its sender crashed."""

    def run_ready(self) -> None:
        """Run until every task is waiting."""
        before = asyncio._get_running_loop()
        asyncio._set_running_loop(self)
        try:
            while self._ready or self._due():
                handle = self._ready.popleft()
                if not handle.cancelled():
                    handle._run()
        finally:
            asyncio._set_running_loop(before)

    def _due(self) -> bool:
        """Make the due timers ready. Return True if anything is ready."""
        while self._scheduled and (self._scheduled[0].cancelled() or self._scheduled[0].when() <= self.at):
            self._ready.append(heappop(self._scheduled))
        return bool(self._ready)

    def advance(self) -> None:
        """Move the clock to the next timer."""
        self._due()
        self.at = self._scheduled[0].when() if self._scheduled else self.at
        self.run_ready()


class Operation(NamedTuple):
    """A request in flight from a process to a server: it takes effect (`act`), or is lost (`drop`)."""

    label: str
    act: Callable[[], Any]
    drop: Callable[[], None]
    response: "asyncio.Future[Any]"
    error: type[Exception]


class World:
    """The committed tables, the topics, and the operations in flight."""

    def __init__(self) -> None:
        self.loop = SimulatedLoop()
        self.in_flight: list[Operation] = []
        self.locks: dict[Any, Session] = {}
        self.waiting: dict[Any, list[asyncio.Future[None]]] = defaultdict(list)
        self.offsets: dict[tuple[str, int], int] = {}
        self.inbox, self.states = set[Any](), dict[str, tuple[int, ...]]()
        self.outbox: dict[int, tuple[str, int, list[str], list[bytes]]] = {}
        self.last_id = 0
        self.committed, self.published = set[bytes](), defaultdict[int, list[bytes]](list)
        self.input: dict[int, list[Any]] = {0: [], 1: []}

    async def step(self, label: str, act: Callable[[], Any], drop: Callable[[], None] = lambda: None, error: Any = None) -> Any:
        """Wait until the operation took effect. Raises `error` if it or its response was lost."""
        operation = Operation(label, act, drop, self.loop.create_future(), error or ConnectionResetError)
        self.in_flight.append(operation)
        return await operation.response

    def complete(self, nth: int, fate: str = "arrives") -> None:
        """Let an operation take effect, be lost, or take effect while its response is lost."""
        operation = self.in_flight.pop(nth % len(self.in_flight))
        result = operation.drop() if fate == "lost" else operation.act()
        if not operation.response.done():
            if fate == "arrives":
                operation.response.set_result(result)
            else:
                operation.response.set_exception(operation.error("lost"))
        self.loop.run_ready()


class Session:
    """A connection in one transaction."""

    def __init__(self, world: World) -> None:
        self.world, self.held, self.writes = world, list[Any](), list[Callable[[], None]]()

    def transaction(self) -> Self:
        return self

    async def __aenter__(self) -> None:
        self.writes.clear()

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind:
            self.release()
        else:
            await self.world.step("commit", self.commit, self.release)

    def commit(self) -> None:
        for write in self.writes:
            write()
        self.release()

    def release(self) -> None:
        for name in self.held:
            del self.world.locks[name]
            for waiting in self.world.waiting.pop(name, []):
                if not waiting.done():
                    waiting.set_result(None)
        self.held.clear()

    async def lock(self, names: Sequence[Any]) -> None:
        """Lock these until the end of the transaction, waiting for other holders."""
        for name in sorted(set(names)):
            while self.world.locks.get(name, self) is not self:
                released = self.world.loop.create_future()
                self.world.waiting[name].append(released)
                await released
            if name not in self.held:
                self.world.locks[name] = self
                self.held.append(name)

    async def fetch(self, statement: str, *arguments: Any) -> list[Any]:
        await self.world.step("statement", lambda: None)
        handlers: dict[str, Callable[..., Any]] = {
            SQL["advance_offsets"]: self._advance_offsets,
            SQL["claim_messages"]: self._claim,
        }
        return list(await handlers[statement](*arguments))

    async def execute(self, statement: str, *arguments: Any) -> None:
        await self.world.step("statement", lambda: None)
        handlers: dict[str, Callable[..., Any]] = {
            key_locks.SQL["lock_keys"]: self._lock_keys,
            SQL["insert_outbox"]: self.insert_outbox,
        }
        await handlers[statement](*arguments)

    async def _advance_offsets(self, clusters: Any, topics: list[str], partitions: list[int], after: list[int]) -> list[Any]:
        tps = list(zip(topics, partitions, strict=True))
        existing = {tp for tp in tps if tp in self.world.offsets}
        await self.lock([("offset", *tp) for tp in tps])
        before = {tp: self.world.offsets[tp] if tp in existing else 0 for tp in tps}
        for tp, offset in zip(tps, after, strict=True):
            self.writes.append(lambda tp=tp, offset=offset: self._advance(tp, offset))  # type: ignore[misc]
        return [(*tp, offset) for tp, offset in before.items()]

    def _advance(self, tp: tuple[str, int], offset: int) -> None:
        self.world.offsets[tp] = max(offset, self.world.offsets.get(tp, 0))

    async def _claim(self, ids: list[Any]) -> list[Any]:
        await self.lock([("id", id) for id in ids])
        unprocessed = [id for id in ids if id not in self.world.inbox]
        self.writes.append(lambda: self.world.inbox.update(unprocessed))
        return [(id, False) for id in unprocessed]

    async def _lock_keys(self, keys: list[str], seed: int) -> None:
        await self.lock([("key", key) for key in keys])

    async def insert_outbox(self, batches: list[Any]) -> None:
        for topic, partition, keys, payloads in batches:
            self.world.last_id += 1
            id = self.world.last_id
            self.writes.append(lambda row=(topic, partition, keys, payloads), id=id: self._insert(id, row))  # type: ignore[misc]

    def _insert(self, id: int, row: Any) -> None:
        self.world.outbox[id] = row
        self.world.committed.update(row[3])


class States:
    """A state store; a state is the numbers that a thing received, in order."""

    prefix = "thing"

    async def load(self, db: Any, keys: Sequence[str]) -> dict[str, tuple[int, ...]]:
        world = db.world
        found: dict[str, tuple[int, ...]] = await world.step(
            "load", lambda: {key: world.states[key] for key in keys if key in world.states}
        )
        return found

    async def save(self, db: Any, changed: Mapping[str, tuple[int, ...]]) -> None:
        await db.world.step("save", lambda: None)
        db.writes.append(lambda: db.world.states.update(changed))


class Batch:
    """A record batch with little room."""

    def __init__(self) -> None:
        self.values: list[bytes] = []

    def append(self, *, key: bytes, value: bytes, timestamp: None, headers: Any) -> object | None:
        """Return None if the batch is full, as aiokafka does, and metadata otherwise."""
        if len(self.values) == RECORDS_PER_BATCH:
            return None
        self.values.append(value)
        return object()

    def close(self) -> None:
        """Does nothing: only sent batches are read."""


class Producer:
    """A Kafka producer. A batch that it sent may arrive after its process crashed."""

    def __init__(self, world: World) -> None:
        self.world = world

    def create_batch(self) -> Batch:
        return Batch()

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> "asyncio.Task[Any]":
        def arrive() -> None:
            self.world.published[partition].extend(batch.values)

        return asyncio.ensure_future(self.world.step("send", arrive, error=RequestTimedOutError))


class Pool:
    """The connection pool of a relay. Each relay holds all shards, because the order may not depend on leases."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def execute(self, statement: str, *arguments: Any) -> None:
        assert statement == SQL["create_leases"]

    async def fetch(self, statement: str, *arguments: Any) -> list[Any]:
        if statement == SQL["renew_leases"]:
            return [(shard,) for shard in range(SHARD_COUNT)]
        return list(await self.world.step("fetch", lambda: self._delete_acknowledged_and_fetch(*arguments)))

    def _delete_acknowledged_and_fetch(
        self, acknowledged: list[int], shards: Any, topics: list[str], partitions: list[int], *_: int
    ) -> list[Any]:
        for id in acknowledged:
            self.world.outbox.pop(id, None)
        excluded = set(zip(topics, partitions, strict=True))
        return [(id, *row) for id, row in sorted(self.world.outbox.items()) if row[:2] not in excluded]


class Process:
    """The real runner and relay; another process may consume the same partitions."""

    def __init__(self, world: World, runner: Runner) -> None:
        self.world, self.runner = world, runner
        self.relay = Relay(Producer(world), Pool(world), send_wait_timeout=0)  # type: ignore[arg-type]
        self.tasks = [world.loop.create_task(self.consume(partition)) for partition in world.input]
        self.tasks.append(world.loop.create_task(self.relay.run()))

    async def consume(self, partition: int) -> None:
        """Process three records at a time, from the committed offset."""
        while True:
            offset = self.world.offsets.get(("in", partition), 0)
            if batch := self.world.input[partition][offset : offset + 3]:
                await self.process(batch)
            else:
                await asyncio.sleep(0.05)

    async def process(self, batch: Sequence[Any]) -> None:
        try:
            await self.runner.process(Session(self.world), TOPICS, batch)  # type: ignore[arg-type]
            self.relay.wake()
        except OSError:
            await asyncio.sleep(0.05)

    def crash(self) -> None:
        """Stop all tasks; operations in flight may still take effect."""
        for task in [*self.tasks, *self.relay.in_flight.values()]:
            task.cancel()
        self.world.loop.run_ready()
