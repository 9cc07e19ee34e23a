"""A simulated database, bus and clock under the real runner and relay: what happens next, what is lost and who dies is chosen.

The database keeps what PostgreSQL promises and the pipeline leans on: row, key and id locks until the end of a transaction, ids of
the outbox drawn at the insert, writes seen after the commit, one snapshot a statement.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from heapq import heappop
from typing import Any, NamedTuple, Self

from aiokafka.errors import RequestTimedOutError

from shared.pipeline.inbox import SQL, TopicInfo
from shared.pipeline.relay import Relay
from shared.pipeline.relay_leases import SHARD_COUNT
from shared.pipeline.runner import Runner
from shared.postgres import key_locks

TOPICS = {"in": TopicInfo("c", "in", 2), "out": TopicInfo("c", "out", 2)}
FULL = 2
"""Records in a batch."""


class Leaping(asyncio.BaseEventLoop):
    """A loop without sockets, whose clock stands still until it is told to go on to the next moment that somebody waits for."""

    _ready: deque[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]
    at = 0.0

    def time(self) -> float:
        return self.at

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """A record batch was lost after its sender died: nobody is left to hear of it."""

    def settle(self) -> None:
        """Runs until everybody waits for something."""
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
        """Makes ready what waits for this moment; returns whether there is any."""
        while self._scheduled and (self._scheduled[0].cancelled() or self._scheduled[0].when() <= self.at):
            self._ready.append(heappop(self._scheduled))
        return bool(self._ready)

    def leap(self) -> None:
        """On to the next moment."""
        self._due()
        self.at = self._scheduled[0].when() if self._scheduled else self.at
        self.settle()


class Item(NamedTuple):
    """Something under way between a process and a server: it arrives (`act`), or is lost on its way (`drop`)."""

    label: str
    act: Callable[[], Any]
    drop: Callable[[], None]
    answer: "asyncio.Future[Any]"
    error: type[Exception]


class World:
    """Committed tables, the bus, and all that is under way."""

    def __init__(self) -> None:
        self.loop = Leaping()
        self.under_way: list[Item] = []
        self.locks: dict[Any, Session] = {}
        self.waiting: dict[Any, list[asyncio.Future[None]]] = defaultdict(list)
        self.positions: dict[tuple[str, int], int] = {}
        self.inbox, self.states = set[Any](), dict[str, tuple[int, ...]]()
        self.outbox: dict[int, tuple[str, int, list[str], list[bytes]]] = {}
        self.last_id = 0
        self.committed, self.bus = set[bytes](), defaultdict[int, list[bytes]](list)
        self.input: dict[int, list[Any]] = {0: [], 1: []}

    async def step(self, label: str, act: Callable[[], Any], drop: Callable[[], None] = lambda: None, error: Any = None) -> Any:
        """Waits until it has happened, or raises when it, or the answer, was lost."""
        item = Item(label, act, drop, self.loop.create_future(), error or ConnectionResetError)
        self.under_way.append(item)
        return await item.answer

    def happens(self, nth: int, fate: str = "well") -> None:
        """One thing that is under way arrives, is lost, or arrives while its answer is lost."""
        item = self.under_way.pop(nth % len(self.under_way))
        done = item.drop() if fate == "lost" else item.act()
        if not item.answer.done():
            if fate == "well":
                item.answer.set_result(done)
            else:
                item.answer.set_exception(item.error("on the way"))
        self.loop.settle()


class Session:
    """A connection in one transaction."""

    def __init__(self, world: World) -> None:
        self.world, self.mine, self.writes = world, list[Any](), list[Callable[[], None]]()

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
        for name in self.mine:
            del self.world.locks[name]
            for waiting in self.world.waiting.pop(name, []):
                if not waiting.done():
                    waiting.set_result(None)
        self.mine.clear()

    async def hold(self, names: Sequence[Any]) -> None:
        """Holds these until the end, waiting for who holds them."""
        for name in sorted(set(names)):
            while self.world.locks.get(name, self) is not self:
                freed = self.world.loop.create_future()
                self.world.waiting[name].append(freed)
                await freed
            if name not in self.mine:
                self.world.locks[name] = self
                self.mine.append(name)

    async def fetch(self, statement: str, *arguments: Any) -> list[Any]:
        await self.world.step("statement", lambda: None)
        asked: dict[str, Callable[..., Any]] = {SQL["advance_offsets"]: self._positions, SQL["claim_messages"]: self._claim}
        return list(await asked[statement](*arguments))

    async def execute(self, statement: str, *arguments: Any) -> None:
        await self.world.step("statement", lambda: None)
        asked: dict[str, Callable[..., Any]] = {key_locks.SQL["lock_keys"]: self._lock, SQL["insert_outbox"]: self._add}
        await asked[statement](*arguments)

    async def _positions(self, clusters: Any, topics: list[str], parts: list[int], after: list[int]) -> list[Any]:
        lines = list(zip(topics, parts, strict=True))
        there = {line for line in lines if line in self.world.positions}
        await self.hold([("position", *line) for line in lines])
        stood = {line: self.world.positions[line] if line in there else 0 for line in lines}
        for line, next in zip(lines, after, strict=True):
            self.writes.append(lambda line=line, next=next: self._move(line, next))  # type: ignore[misc]
        return [(*line, place) for line, place in stood.items()]

    def _move(self, line: tuple[str, int], next: int) -> None:
        self.world.positions[line] = max(next, self.world.positions.get(line, 0))

    async def _claim(self, ids: list[Any]) -> list[Any]:
        await self.hold([("id", id) for id in ids])
        fresh = [id for id in ids if id not in self.world.inbox]
        self.writes.append(lambda: self.world.inbox.update(fresh))
        return [(id, False) for id in fresh]

    async def _lock(self, keys: list[str], seed: int) -> None:
        await self.hold([("key", key) for key in keys])

    async def _add(self, parcels: list[Any]) -> None:
        for topic, part, keys, payloads in parcels:
            self.world.last_id += 1
            id = self.world.last_id
            self.writes.append(lambda row=(topic, part, keys, payloads), id=id: self._out(id, row))  # type: ignore[misc]

    def _out(self, id: int, row: Any) -> None:
        self.world.outbox[id] = row
        self.world.committed.update(row[3])


class States:
    """The states of a process, as its runner loads and saves them: each is the numbers that it was told."""

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
    """A record batch that is soon full."""

    def __init__(self) -> None:
        self.values: list[bytes] = []

    def append(self, *, key: bytes, value: bytes, timestamp: None, headers: Any) -> bool:
        if len(self.values) == FULL:
            return False
        self.values.append(value)
        return True

    def close(self) -> None:
        """Nothing more goes in."""


class Producer:
    """A batch that was handed over may arrive though its sender is long dead."""

    def __init__(self, world: World) -> None:
        self.world = world

    def create_batch(self) -> Batch:
        return Batch()

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> "asyncio.Task[Any]":
        def arrive() -> None:
            self.world.bus[partition].extend(batch.values)

        return asyncio.ensure_future(self.world.step("send", arrive, error=RequestTimedOutError))


class Pool:
    """What the relay asks, each statement for itself. Every relay has every lane: order may not depend on leases."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def execute(self, statement: str, *arguments: Any) -> None:
        assert statement == SQL["create_shards"]

    async def fetch(self, statement: str, *arguments: Any) -> list[Any]:
        if statement == SQL["renew_leases"]:
            return [(shard,) for shard in range(SHARD_COUNT)]
        return list(await self.world.step("take", lambda: self._take(*arguments)))

    def _take(self, gone: list[int], lanes: Any, topics: list[str], parts: list[int], *_: int) -> list[Any]:
        for id in gone:
            self.world.outbox.pop(id, None)
        held = set(zip(topics, parts, strict=True))
        return [(id, *row) for id, row in sorted(self.world.outbox.items()) if row[:2] not in held]


class Process:
    """The real runner and the real relay, over partitions that another process may be at as well."""

    def __init__(self, world: World, runner: Runner) -> None:
        self.world, self.runner = world, runner
        self.relay = Relay(Producer(world), Pool(world), send_wait_timeout=0)  # type: ignore[arg-type]
        self.tasks = [world.loop.create_task(self.consume(part)) for part in world.input]
        self.tasks.append(world.loop.create_task(self.relay.run()))

    async def consume(self, part: int) -> None:
        """Goes on where the committed position stands, three records at a time."""
        while True:
            place = self.world.positions.get(("in", part), 0)
            if batch := self.world.input[part][place : place + 3]:
                await self.handled(batch)
            else:
                await asyncio.sleep(0.05)

    async def handled(self, batch: Sequence[Any]) -> None:
        try:
            await self.runner.process(Session(self.world), TOPICS, batch)  # type: ignore[arg-type]
            self.relay.wake()
        except OSError:
            await asyncio.sleep(0.05)

    def die(self) -> None:
        """What it has under way may still arrive; nothing more comes of it."""
        for task in [*self.tasks, *self.relay.in_flight.values()]:
            task.cancel()
        self.world.loop.settle()
