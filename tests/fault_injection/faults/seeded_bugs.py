"""Runs each seeded bug under a load that lets the checker detect it."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from deploy.partner_client.event_builder import yes_to
from deploy.partner_client.record import submissions_topic
from deploy.stack.endpoints import SERVICES
from shared.programme.readiness_catalogue import readiness_items
from tests.fault_injection.faults.fault import Inject
from tests.fault_injection.history.model import Invariant
from tests.fault_injection.run_context import RunContext

ORGANISATIONS = 8
CONCURRENT_REPORTS = 6
REPORT_INTERVAL = 0.2


class SeededBug(NamedTuple):
    """How to trigger a bug, and the invariant that the checker must find broken."""

    inject: Inject
    invariant: Invariant


async def with_bug(run: RunContext, bug: str, load: Awaitable[None]) -> None:
    """Run every service with the bug during this load."""
    await run.processes.restart(dict.fromkeys(SERVICES, ("--bug", bug)))
    await load
    await run.wait_quiet()


async def publish_before_commit(run: RunContext) -> None:
    await with_bug(run, "publish-before-commit", run.load(4, rate=10))


async def hand_over_from_memory(run: RunContext) -> None:
    await with_bug(run, "hand-over-from-memory", run.load(6, rate=150, hot=0.8))


async def no_key_lock(run: RunContext) -> None:
    await with_bug(run, "no-key-lock", report_concurrently(run))


async def report_concurrently(run: RunContext) -> None:
    """Publish the readiness reports of one organisation to several partitions at once, as two systems of one partner would.

    Each answer is published once, so that a lost one stays lost.
    """
    simulator = run.partner_events("second", "lock")
    stream = islice(simulator.events(), 200)
    registrations = [event for event in stream if event.name == "organisation-submitted" and event.body][:ORGANISATIONS]
    await run.wait_for_receipts(await run.publish("second", registrations), 30)
    organisations = [str(event.body["data"]["organisation"]) for event in registrations]
    items = [item.code for item in readiness_items().values() if item.scope == "organisation"]
    for start in range(0, len(items), CONCURRENT_REPORTS):
        for organisation in organisations:
            for index, item in enumerate(items[start : start + CONCURRENT_REPORTS]):
                report = simulator.event("readiness-reported", organisation=organisation, answers=yes_to([item]))
                record = replace(report, key=f"{organisation}-{index}".encode())
                await run.publisher.enqueue(submissions_topic("second"), record)
        await asyncio.sleep(REPORT_INTERVAL)


SEEDED_BUGS: Mapping[str, SeededBug] = {
    "publish-before-commit": SeededBug(publish_before_commit, "I4"),
    "hand-over-from-memory": SeededBug(hand_over_from_memory, "I3"),
    "no-key-lock": SeededBug(no_key_lock, "I2"),
}
