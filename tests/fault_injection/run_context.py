"""A cluster under load, with everything that a fault needs: publisher, simulated users, receipts, checker, random choices."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random

import asyncpg
import httpx

from deploy.demo.browser import Browser
from deploy.demo.context import local_today
from deploy.partner_client.client import Receipt, decode_receipt
from deploy.partner_client.publisher import Publisher
from deploy.partner_client.record import RecordPosition, submissions_topic
from deploy.partner_client.topic_tail import Record, TopicTail
from deploy.simulator.partner_events import PartnerEvents
from deploy.simulator.run import publish_at_rate
from deploy.simulator.simulated_event import SimulatedEvent
from deploy.simulator.users import SimulatedUsers
from tests.fault_injection.checker import check
from tests.fault_injection.cluster.cluster import Cluster, start_cluster
from tests.fault_injection.cluster.processes import Processes
from tests.fault_injection.history.collector import INTERNAL_TOPICS, RECEIPT_TOPICS, Collector, decode_message
from tests.fault_injection.history.commit_monitor import CommitMonitor
from tests.fault_injection.history.model import Violation
from tests.fault_injection.history.unfinished_work import find_unfinished
from tests.support.waiting import wait_until

QUIET_POLL_INTERVAL = 0.8
QUIET_TIMEOUT = 120.0
MAX_UNDISTURBED_WAIT = 5.0
"""Seconds within which those that a fault does not concern get their receipts: about ten times what they wait without a fault."""


class NotQuiet(Exception):
    """Work is still pending after the timeout; the text names it."""

    def __init__(self, pending: Sequence[str]) -> None:
        super().__init__("; ".join(pending[:6]) + (f" and {len(pending) - 6} more" if len(pending) > 6 else ""))


@dataclass
class RunContext:
    """What a fault is injected into. `notes` appear in the results; `background_tasks` must not end during the run."""

    cluster: Cluster
    collector: Collector
    monitor: CommitMonitor
    publisher: Publisher[SimulatedEvent]
    users: SimulatedUsers
    receipts: Mapping[RecordPosition, Receipt]
    random: Random
    seed: int
    quick: bool
    streams: dict[str, Iterator[SimulatedEvent]] = field(default_factory=dict)
    background_tasks: list["asyncio.Task[None]"] = field(default_factory=list)
    known_violations: set[Violation] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    @property
    def processes(self) -> Processes:
        return self.cluster.processes

    def today(self) -> date:
        """The current day on the cluster's clock."""
        return local_today(self.cluster.endpoints.clock)

    def partner_events(self, partner: str, name: str, *, hot: float = 0, bad: float = 0.15) -> PartnerEvents:
        """Return a stream of a partner's events that starts over; another name gives other events."""
        return PartnerEvents(f"{self.seed}{name}", partner, self.today, bad, hot)

    async def load(self, seconds: float, rate: float = 20, partner: str = "demo", hot: float = 0) -> None:
        """Publish events of the partner for some seconds, continuing its previous load."""
        if (name := f"{partner}/{hot}") not in self.streams:
            self.streams[name] = self.partner_events(partner, f"h{hot}" if hot else "", hot=hot).events()
        await publish_at_rate(self.publisher, partner, self.streams[name], rate, seconds)

    async def publish(self, partner: str, events: Sequence[SimulatedEvent]) -> list[RecordPosition]:
        """Publish these events and return their positions."""
        before = set(self.publisher.published)
        for event in events:
            await self.publisher.enqueue(submissions_topic(partner), event)
        await self.publisher.flush()
        ids = {id(event) for event in events}
        return [at for at, event in self.publisher.published.items() if at not in before and id(event) in ids]

    async def wait_for_receipts(self, positions: Sequence[RecordPosition], seconds: float) -> float:
        """Return how long it takes until all these records have a receipt. Raises `TimeoutError` after `seconds`."""
        started = time.monotonic()

        async def all_received() -> bool:
            return all(position in self.receipts for position in positions)

        await wait_until(all_received, seconds)
        return time.monotonic() - started

    def assert_undisturbed(self, seconds: float) -> None:
        """Note how long those waited that the fault does not concern, and fail if it was too long (I7)."""
        self.notes.append(f"others waited at most {seconds:.1f} s")
        assert seconds < MAX_UNDISTURBED_WAIT, f"others waited {seconds:.1f} s"

    async def wait_quiet(self) -> None:
        """Return when no work has been pending twice in a row. Raises `NotQuiet`."""
        await self.publisher.flush()
        deadline, quiet_polls, pending = time.monotonic() + QUIET_TIMEOUT, 0, ["not polled yet"]
        while quiet_polls < 2:
            if time.monotonic() > deadline:
                raise NotQuiet(pending)
            await asyncio.sleep(QUIET_POLL_INTERVAL)
            pending = await self._pending_work()
            quiet_polls = 0 if pending else quiet_polls + 1

    async def _pending_work(self) -> list[str]:
        try:
            async with asyncio.timeout(30):
                db = await asyncpg.connect(self.cluster.endpoints.database, timeout=10)
                try:
                    return await find_unfinished(self.cluster, db) + ["a user reads an email"] * self.users.in_progress
                finally:
                    await db.close()
        except Exception as error:
            return [f"{type(error).__name__}: the cluster cannot be queried"]

    async def check(self) -> list[Violation]:
        """Return the violations that this run has not returned before."""
        history = await self.collector.history(self.publisher.published)
        new = [v for v in (*check(history), *self.monitor.violations) if v not in self.known_violations]
        self.known_violations.update(new)
        return new

    async def count_repeats(self) -> int:
        """Return how many records on Kafka repeat an earlier message."""
        messages = await self.collector.published_messages()
        return len(messages) - len({message.id for message in messages})

    def count_email_copies(self) -> int:
        """Return how many received emails repeat an earlier one."""
        return len(self.cluster.received_emails) - len(set(self.cluster.received_emails))

    def unexpected_ends(self) -> list[str]:
        """Describe processes that exited without being killed, and background tasks that ended."""
        exits = [f"{name} exited with code {code}" for name, code in self.processes.exits if code != -signal.SIGKILL]
        return exits + [f"{task.get_coro()} ended: {task.exception()!r}" for task in self.background_tasks if task.done()]


@asynccontextmanager
async def run_context(var: Path, seed: int, quick: bool) -> AsyncIterator[RunContext]:
    """Start a cluster with all its processes, and the simulated users; kill everything at the end."""
    async with AsyncExitStack() as stack:
        cluster = await stack.enter_async_context(start_cluster(var, seed))
        kafka, collector, receipts = cluster.endpoints.kafka, Collector(cluster), dict[RecordPosition, Receipt]()
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=20))
        publisher = await stack.enter_async_context(Publisher[SimulatedEvent](kafka, survive_outages=True))
        await stack.enter_async_context(TopicTail(kafka, RECEIPT_TOPICS, lambda record: _store(receipts, record)))
        messages = await stack.enter_async_context(TopicTail(kafka, [*INTERNAL_TOPICS, *RECEIPT_TOPICS], decode_message))
        monitor = CommitMonitor(cluster.endpoints.database, messages, collector.injected)
        browser = Browser(http, cluster.endpoints.pages_url)
        users = SimulatedUsers(cluster.mail_server.fetch_new, browser, seed, lambda: local_today(cluster.endpoints.clock))
        await cluster.processes.start_all()
        run = RunContext(cluster, collector, monitor, publisher, users, receipts, Random(seed), seed, quick)
        for background in (users.run(), monitor.run(), cluster.processes.restart_exited()):
            run.background_tasks.append(asyncio.create_task(background))
            stack.push_async_callback(_cancel, run.background_tasks[-1])
        yield run


def _store(receipts: dict[RecordPosition, Receipt], record: Record) -> None:
    """Store a receipt by the position of its record; the tail itself keeps nothing."""
    receipt = decode_receipt(record)
    receipts[receipt.position] = receipt


async def _cancel(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
