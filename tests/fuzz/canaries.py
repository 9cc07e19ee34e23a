"""Canaries: ordinary events, emails and pages between the odd ones. Each must get through within five seconds."""

import asyncio
import time
from random import Random

import httpx

from deploy.operations import dev_clock
from deploy.partner_client.event_builder import build_event, event_record
from deploy.partner_client.record import RecordPosition, submissions_topic
from deploy.simulator.simulated_event import SimulatedEvent
from services.intake.contract import KINDS
from tests.fault_injection.run_context import MAX_UNDISTURBED_WAIT, RunContext
from tests.fuzz.events import PARTNER
from tests.fuzz.pages import links_in
from tests.fuzz.report import Report
from tests.support.kafka_client import PARTITIONS

INTERVAL, GIVE_UP = 8, 60
OTHER_PARTNER = "second"


class Canaries:
    """Sends one of each kind, in every partition of the fuzzed partner's topic and of another one's."""

    def __init__(self, run: RunContext, random: Random, report: Report, http: httpx.AsyncClient) -> None:
        self._run, self._report, self._http = run, report, http
        self._tag, self._count = f"canary-{random.getrandbits(30):x}", 0

    async def run(self) -> None:
        """Send canaries at intervals until cancelled."""
        while True:
            await self.send_all()
            await asyncio.sleep(INTERVAL)

    async def send_all(self) -> None:
        """Send one round of canaries and wait for all of them."""
        await asyncio.gather(self._events(PARTNER), self._events(OTHER_PARTNER), self._email_and_page())

    async def _events(self, partner: str) -> None:
        events = [self._event(list(KINDS)[partition % len(KINDS)], partner) for partition in range(PARTITIONS)]
        await self._publish(partner, events, f"receipts of {'the fuzzed' if partner == PARTNER else 'another'} partner")

    async def _publish(self, partner: str, events: list[SimulatedEvent], canary: str) -> None:
        topic, started = submissions_topic(partner), time.monotonic()
        publishing = [self._run.publisher.publish(topic, event, partition) for partition, event in enumerate(events)]
        positions: list[RecordPosition] = await asyncio.gather(*publishing)
        try:
            await self._run.wait_for_receipts(positions, GIVE_UP)
        except TimeoutError:
            missing = [position for position in positions if position not in self._run.receipts]
            self._report.add(f"no {canary} within {GIVE_UP} s", missing)
        self._judge(canary, time.monotonic() - started)

    async def _email_and_page(self) -> None:
        """Register an organisation, wait for its welcome email, and open the page that this links to."""
        server, started = self._run.cluster.mail_server, time.monotonic()
        event = self._event("organisation-submitted", OTHER_PARTNER)
        address = str(event.body["data"]["coordinator"]["email"])
        await self._run.publisher.publish(submissions_topic(OTHER_PARTNER), event)
        try:
            async with asyncio.timeout(GIVE_UP):
                while not (emails := [mail for mail in server.received if address in mail.header("To")]):  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
        except TimeoutError:
            self._report.add(f"no welcome email within {GIVE_UP} s")
            return
        self._judge("welcome email", time.monotonic() - started)
        started = time.monotonic()
        response = await self._http.get(links_in(emails[0], self._run.cluster.endpoints.pages_url)[0])
        if response.status_code != 200:
            self._report.add(f"the page of a canary was answered with {response.status_code}")
        self._judge("page", time.monotonic() - started)

    def _judge(self, canary: str, seconds: float) -> None:
        self._report.measure(canary, seconds)
        if seconds > MAX_UNDISTURBED_WAIT:
            self._report.add(f"canary: {canary} took longer than {MAX_UNDISTURBED_WAIT:.0f} s", f"{seconds:.1f} s")

    def _event(self, kind: str, partner: str) -> SimulatedEvent:
        """Return the contract's example under ids of its own."""
        self._count += 1
        id = f"{self._tag}-{self._count}"
        body = build_event(kind, partner, id, dev_clock.stack_now(self._run.cluster.endpoints.clock))
        own = {name: id for name in ("organisation", "expert", "vacancy") if name in body["data"]}
        body["data"] |= own | ({"email": f"{id}@mensen.example"} if kind == "expert-submitted" else {})
        if kind == "organisation-submitted":
            body["data"]["coordinator"]["email"] = f"{id}@mensen.example"
        record = event_record(kind, body)
        return SimulatedEvent(kind, record.key, record.value, body=body)
