"""Latency from a partner's event to the accepted email, with all services running."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from typing import Any

from deploy.partner_client.publisher import Publisher
from deploy.partner_client.record import EventRecord
from deploy.stack.endpoints import SERVICES
from tests.benchmarks.environment import Environment
from tests.benchmarks.load import partner_events
from tests.benchmarks.measurement.figures import percentile
from tests.benchmarks.parts.part import Advance
from tests.benchmarks.report.rows import Row, limits_row
from tests.support.smtp_server import OK, SmtpServer
from tests.support.waiting import wait_until

RATE = 100
WARM_UP_SECONDS = 3
LAST_EMAIL_TIMEOUT = 30.0


class AcceptanceTimes(SmtpServer):
    """Notes when it accepted an email for each recipient, and keeps nothing else: parsing would take CPU from the services."""

    def __init__(self) -> None:
        super().__init__()
        self.accepted_at: dict[str, float] = {}

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        for recipient in envelope.rcpt_tos:
            self.accepted_at.setdefault(recipient, time.perf_counter())
        return OK


async def measure(environment: Environment, *, seconds: int, advance: Advance) -> AsyncIterator[Row]:
    """Publish registrations of organisations at a constant rate; each leads to a welcome email."""
    await environment.reset()
    async with AsyncExitStack() as stack:
        smtp = await stack.enter_async_context(AcceptanceTimes())
        for name in SERVICES:
            contender = environment.service(name, TANDEM_SMTP_PORT=str(smtp.port))
            await stack.enter_async_context(environment.running(contender))
        published_at = await _publish_registrations(environment, (seconds + WARM_UP_SECONDS) * RATE)

        async def all_accepted() -> bool:
            return published_at.keys() <= smtp.accepted_at.keys()

        await wait_until(all_accepted, LAST_EMAIL_TIMEOUT)
    advance()
    measured = list(published_at.items())[WARM_UP_SECONDS * RATE :]
    yield _row([(smtp.accepted_at[recipient] - at) * 1e3 for recipient, at in measured], seconds)


def _row(latencies: Sequence[float], seconds: int) -> Row:
    figures = {"p50": percentile(latencies, 0.5), "p99": percentile(latencies, 0.99)}
    absolute = f"{len(latencies)} emails in {seconds} s, highest {max(latencies):.0f} ms"
    return limits_row(f"partner event → email accepted, at {RATE}/s", figures, {"p50": 60, "p99": 250}, "ms", absolute)


async def _publish_registrations(environment: Environment, count: int) -> dict[str, float]:
    """Publish at the constant rate, and return when each event was handed to Kafka, by the recipient of its email."""
    published_at, started = dict[str, float](), time.perf_counter()
    async with Publisher[EventRecord](environment.endpoints.kafka) as publisher:
        for number in range(count):
            await asyncio.sleep(max(0.0, started + number / RATE - time.perf_counter()))
            recipient = f"coordinator-{number}@bench.example"
            record = _registration(number, recipient)
            published_at[recipient] = time.perf_counter()
            await publisher.enqueue(partner_events.SUBMISSIONS, record)
        await publisher.flush()
    return published_at


def _registration(number: int, recipient: str) -> EventRecord:
    coordinator = {"name": f"Coördinator {number}", "email": recipient}
    event = partner_events.partner_event("organisation-submitted", number, organisation=f"org-{number}", coordinator=coordinator)
    record = partner_events.to_record(event)
    return EventRecord("organisation-submitted", record.record_key.encode(), record.value)
