"""A simulation against a running stack."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from deploy.demo.browser import Browser
from deploy.demo.context import local_today
from deploy.demo.mailbox import Mailbox
from deploy.partner_client.client import Receipt, decode_receipt
from deploy.partner_client.publisher import Publisher
from deploy.partner_client.record import receipts_topic, submissions_topic
from deploy.partner_client.topic_tail import Record, TopicTail
from deploy.simulator.simulated_event import SimulatedEvent
from deploy.simulator.users import SimulatedUsers
from deploy.stack.endpoints import Endpoints

PUBLISH_INTERVAL = 0.005


@dataclass
class Simulation:
    """A running simulation, with the counts that are shown meanwhile."""

    publisher: Publisher[SimulatedEvent]
    users: SimulatedUsers
    receipts: Counter[str] = field(default_factory=Counter)

    def summary(self) -> str:
        """Return the counts on one line."""
        counts = f"{self.publisher.sent} events; receipts: {_join(self.receipts)}"
        return f"{counts}; {self.users.emails_read} emails read; forms sent: {_join(self.users.forms_sent)}"


def _join(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "none"


@asynccontextmanager
async def simulation(endpoints: Endpoints, partner: str, seed: int) -> AsyncIterator[Simulation]:
    """Count receipts and answer emails until the context is left."""
    receipts = Counter[str]()

    def count(record: Record) -> Receipt:
        receipt = decode_receipt(record)
        receipts[receipt.outcome] += 1
        return receipt

    async with (
        httpx.AsyncClient(timeout=10) as http,
        Publisher[SimulatedEvent](endpoints.kafka, survive_outages=True) as publisher,
        TopicTail(endpoints.kafka, [receipts_topic(partner)], count),
    ):
        mailbox = Mailbox(http, endpoints.mail_catcher_url)
        await mailbox.skip_existing()
        users = SimulatedUsers(mailbox.fetch_new, Browser(http, endpoints.pages_url), seed, lambda: local_today(endpoints.clock))
        answering = asyncio.create_task(users.run())
        try:
            yield Simulation(publisher, users, receipts)
        finally:
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)


async def publish_at_rate(
    publisher: Publisher[SimulatedEvent], partner: str, events: Iterator[SimulatedEvent], rate: float, seconds: float
) -> None:
    """Publish `rate` events per second for `seconds`; after a delay, the backlog is published at once."""
    started, count = time.monotonic(), 0
    while (elapsed := time.monotonic() - started) < seconds:
        while count < elapsed * rate:
            await publisher.enqueue(submissions_topic(partner), next(events))
            count += 1
        await asyncio.sleep(PUBLISH_INTERVAL)
