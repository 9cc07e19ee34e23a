"""A site under load, with all that a fault needs at hand: who speaks, who answers, who watches, the dice."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

import asyncpg
import httpx

from deploy.demo.browser import Browser
from deploy.demo.context import local_today
from deploy.partner_client.client import Receipt, decode_receipt, submissions_topic
from deploy.partner_client.publisher import Publisher
from deploy.partner_client.topic_tail import Record, RecordPosition, TopicTail
from deploy.simulator.partner_events import PartnerEvents
from deploy.simulator.run import publish_at_rate
from deploy.simulator.simulated_event import SimulatedEvent
from deploy.simulator.users import SimulatedUsers
from tests.fault_injection.checker import Violation, check
from tests.fault_injection.cluster.cluster import Cluster, cluster
from tests.fault_injection.history import collector
from tests.fault_injection.history.collector import Collector, Watch

QUIET = 0.8
PATIENCE = 120.0
UNNOTICED = 5.0
"""Seconds within which those whom a fault does not concern have their answers: some ten times what they wait without one."""


class Restless(Exception):
    """It did not become quiet in time; says what still waits."""

    def __init__(self, waits: Sequence[str]) -> None:
        super().__init__("; ".join(waits[:6]) + (f" and {len(waits) - 6} more" if len(waits) > 6 else ""))


@dataclass
class RunContext:
    """What a fault is played in. `at_work`: those who speak, answer and watch meanwhile."""

    cluster: Cluster
    collector: Collector
    watch: Watch
    speaker: Publisher[SimulatedEvent]
    people: SimulatedUsers
    receipts: Mapping[RecordPosition, Receipt]
    random: Random
    seed: int
    quick: bool
    streams: dict[str, Iterator[SimulatedEvent]] = field(default_factory=dict)
    at_work: list["asyncio.Task[None]"] = field(default_factory=list)
    known: set[Violation] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    async def load(self, seconds: float, rate: float = 20, partner: str = "demo", hot: float = 0) -> None:
        """Events for so long, on from where this partner's last ones ended."""
        name = f"{partner}/{hot}"
        events = self.streams.setdefault(name, self.stream(partner, f"h{hot}" if hot else "", hot))
        await publish_at_rate(self.speaker, partner, events, rate, seconds)

    def stream(self, partner: str, name: str = "", hot: float = 0, bad: float = 0.15) -> Iterator[SimulatedEvent]:
        """A partner's events, told anew."""
        return self.simulated(partner, name, hot, bad).events()

    def simulated(self, partner: str, name: str, hot: float = 0, bad: float = 0.15) -> PartnerEvents:
        return PartnerEvents(f"{self.seed}{name}", partner, lambda: local_today(self.cluster.endpoints.clock), bad, hot)

    async def quiet(self, patience: float = PATIENCE) -> None:
        """Returns when nothing waits any more, twice in a row. Raises `Restless`."""
        await self.speaker.flush()
        until, calm, waits = time.monotonic() + patience, 0, ["nobody has looked yet"]
        while calm < 2:
            if time.monotonic() > until:
                raise Restless(waits)
            await asyncio.sleep(QUIET)
            waits = await self._waits()
            calm = 0 if waits else calm + 1

    async def _waits(self) -> list[str]:
        try:
            async with asyncio.timeout(30):
                db = await asyncpg.connect(self.cluster.endpoints.database, timeout=10)
                try:
                    return await collector.stuck(self.cluster, db) + ["somebody reads"] * self.people.in_progress
                finally:
                    await db.close()
        except Exception as error:
            return [f"{type(error).__name__}: the house cannot be asked"]

    async def audit(self) -> list[Violation]:
        """What does not hold now and was not known before."""
        self.collector.published = self.speaker.published
        evidence = await self.collector.evidence()
        found = [*check(evidence), *self.watch.violations]
        new = [violation for violation in found if violation not in self.known]
        self.known.update(new)
        return new

    async def repeats(self) -> int:
        """How many records of ours the bus carried once more."""
        said = (await self.collector.evidence()).said
        return len(said) - len({it.id for it in said})

    def copies(self) -> int:
        """How many mails were caught that had been caught before."""
        return len(self.cluster.post.letters) - len(set(self.cluster.post.letters))

    def undisturbed(self, seconds: float) -> None:
        """Notes how long those waited whom the fault does not concern; they may not notice it (I7)."""
        self.notes.append(f"others waited {seconds:.1f} s at most")
        assert seconds < UNNOTICED, f"others waited {seconds:.1f} s"

    def sound(self) -> list[str]:
        """What is wrong with the playing itself: processes that ended as nobody made them end, people or watchers that are gone."""
        strange = [f"{name} ended with {code}" for name, code in self.cluster.died if code != -signal.SIGKILL]
        return strange + [f"{task.get_coro()} ended: {task.exception()!r}" for task in self.at_work if task.done()]

    async def answered(self, places: Sequence[RecordPosition], patience: float) -> float:
        """Seconds until each of these records has its receipt. Raises TimeoutError."""
        began = time.monotonic()
        async with asyncio.timeout(patience):
            while any(place not in self.receipts for place in places):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        return time.monotonic() - began

    async def sent(self, partner: str, events: Sequence[SimulatedEvent], key: str | None = None) -> list[RecordPosition]:
        """Publishes these and returns where they stand."""
        events = [replace(event, key=key.encode()) for event in events] if key else events
        before = set(self.speaker.published)
        for event in events:
            await self.speaker.enqueue(submissions_topic(partner), event)
        await self.speaker.flush()
        wanted = {id(event) for event in events}
        return [place for place, event in self.speaker.published.items() if place not in before and id(event) in wanted]


@asynccontextmanager
async def run_context(var: Path, seed: int, quick: bool) -> AsyncIterator[RunContext]:
    """Everything runs; at the end everything is gone."""
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(cluster(var, seed))
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=20))
        speaker = await stack.enter_async_context(Publisher[SimulatedEvent](here.endpoints.kafka, survive_outages=True))
        receipts: dict[RecordPosition, Receipt] = {}
        await stack.enter_async_context(TopicTail(here.endpoints.kafka, collector.RECEIPTS, lambda record: keep(receipts, record)))
        people = SimulatedUsers(
            here.post.news, Browser(http, here.endpoints.pages_url), seed, lambda: local_today(here.endpoints.clock)
        )
        seen = Collector(here)
        watch = Watch(here, seen.planted)
        await here.start_all()
        made = RunContext(here, seen, watch, speaker, people, receipts, Random(seed), seed, quick)
        for work in (people.run(), watch.follow(), here.keep_alive()):
            made.at_work.append(asyncio.create_task(work))
            stack.push_async_callback(ended, made.at_work[-1])
        yield made


def keep(receipts: dict[RecordPosition, Receipt], record: Record) -> None:
    """Puts a receipt beside the record that it is for."""
    seen = decode_receipt(record)
    receipts[seen.position] = seen


async def ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
