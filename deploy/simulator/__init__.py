"""Load as it comes in a programme's busiest hour, out of a seed: partners' systems that publish, and people who answer."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self

import httpx
from aiokafka import AIOKafkaProducer

from deploy.demo.context import ZONE
from deploy.demo.users import Browser, Mail, Mailbox
from deploy.operations import dev_clock
from deploy.partner_client.client import Receipt, receipt
from deploy.partner_client.topic_tail import RecordPosition, TopicTail
from deploy.simulator.event import Event
from deploy.simulator.partner_events import PartnerEvents as PartnerEvents
from deploy.simulator.users import SimulatedUsers
from deploy.stack.endpoints import Endpoints

PATIENCE_MS = 120_000


class Publisher:
    """Publishes for partners. `published` grows as the bus takes the records, each with its event."""

    def __init__(self, kafka: str) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=kafka, enable_idempotence=True, request_timeout_ms=PATIENCE_MS, max_batch_size=128 << 10
        )
        self._waiting = set[asyncio.Future[Any]]()
        self.published: dict[RecordPosition, Event] = {}
        self.sent = 0

    async def __aenter__(self) -> Self:
        await self._producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._producer.stop()

    async def say(self, partner: str, event: Event, key: str | None = None) -> None:
        """Hands one event over, in order; `settled` waits for the bus. With `key` its record gets another key than its own."""
        own = key or event.key
        record = event.value, own.encode() if own else None
        taken = await self._producer.send(f"tandem.partner.{partner}.submissions", *record, headers=list(event.headers))
        self.sent += 1
        self._waiting.add(taken)
        taken.add_done_callback(lambda done: self._keep(done, event))

    def _keep(self, taken: asyncio.Future[Any], event: Event) -> None:
        self._waiting.discard(taken)
        if not taken.cancelled() and taken.exception() is None:
            at = taken.result()
            self.published[RecordPosition(at.topic, at.partition, at.offset)] = event

    async def settled(self) -> None:
        """Returns when the bus has all that is on its way. Raises what the bus says to one of these that it does not take."""
        if waiting := list(self._waiting):
            await asyncio.wait(waiting)  # gather would cancel what is on its way, where this is cancelled
            for taken in waiting:
                taken.result()

    async def say_all(self, partner: str, events: Iterator[Event], rate: float, seconds: float) -> None:
        """So many a second, for so long; what was held up is made up for."""
        began, nth = time.monotonic(), 0
        while (since := time.monotonic() - began) < seconds:
            while nth < since * rate:
                await self.say(partner, next(events))
                nth += 1
            await asyncio.sleep(0.005)


@dataclass
class Counts:
    """What a person sees of a simulation as it goes."""

    receipts: Counter[str] = field(default_factory=Counter)
    speaker: Publisher | None = None
    people: SimulatedUsers | None = None

    def line(self) -> str:
        """One line of it."""
        said, read = self.speaker.sent if self.speaker else 0, self.people.read if self.people else 0
        pressed = self.people.answered if self.people else {}
        return f"{said} events; receipts: {_listed(self.receipts)}; {read} mails read; buttons: {_listed(pressed)}"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "none"


@asynccontextmanager
async def simulating(endpoints: Endpoints, partner: str, seed: int, counts: Counts) -> AsyncIterator[Publisher]:
    """Receipts are counted and people answer for as long as it lasts."""

    def count(record: Any) -> Receipt:
        seen = receipt(record)
        counts.receipts[seen.outcome] += 1
        return seen

    async with (
        httpx.AsyncClient(timeout=10) as http,
        Publisher(endpoints.kafka) as speaker,
        TopicTail(endpoints.kafka, [f"tandem.partner.{partner}.receipts"], count),
    ):
        mailbox = Mailbox(http, endpoints.mail_catcher_url)
        await mailbox.forget()
        people = SimulatedUsers(_news(mailbox), Browser(http, endpoints.pages_url), seed, lambda: today(endpoints))
        counts.speaker, counts.people = speaker, people
        living = asyncio.create_task(people.live())
        try:
            yield speaker
        finally:
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)


def today(endpoints: Endpoints) -> date:
    """The day that the services take for today."""
    return dev_clock.stack_now(endpoints.clock).astimezone(ZONE).date()


def _news(mailbox: Mailbox) -> Any:
    seen = 0

    async def news() -> Sequence[Mail]:
        nonlocal seen
        mails = await mailbox.mails()
        new, seen = mails[seen:], len(mails)
        return new

    return news
