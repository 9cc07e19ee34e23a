"""Bad email addresses among many good ones: refused at the entry, and each its own outcome where an older message holds one."""

import asyncio
import json
from collections.abc import Sequence
from itertools import islice

import msgspec

from deploy.operations import dev_clock
from deploy.partner_client.event_builder import encode_event
from deploy.simulator.simulated_event import SimulatedEvent
from shared.messages.envelope import Message
from tests.fault_injection.faults.fault import Fault
from tests.fault_injection.run_context import RunContext
from tests.support.bad_addresses import BAD_ADDRESSES
from tests.support.factories import Example
from tests.support.kafka_client import prepare
from tests.support.waiting import wait_until

EMAILS, EVERY = 80, 10
EMAIL_TIMEOUT = 30
REJECTED_BY_SERVER = "550 5.1.1 no such mailbox"


async def bad_email_among_many(run: RunContext) -> None:
    """Every tenth address is bad, the server rejects another tenth: all other emails arrive once, and no process exits."""
    examples = [Example() for _ in range(EMAILS)]
    bad, rejected = examples[::EVERY], examples[EVERY // 2 :: EVERY]
    good = [example for example in examples if example not in (*bad, *rejected)]
    refused = {address(example) for example in rejected}
    server = run.cluster.mail_server
    server.reply = lambda recipient: REJECTED_BY_SERVER if recipient in refused else "250 OK"
    loading = asyncio.create_task(run.load(6))
    await publish_welcomes(run, examples, dict(zip(bad, BAD_ADDRESSES, strict=True)))
    positions = await run.publish("third", with_bad_addresses(run))
    await run.wait_for_receipts(positions, EMAIL_TIMEOUT)

    async def all_arrived() -> bool:
        return {address(example) for example in good} <= set(server.envelope_recipients)

    await wait_until(all_arrived, EMAIL_TIMEOUT)
    await loading
    await run.wait_quiet()
    server.reply = lambda recipient: "250 OK"
    await assert_each_failed_alone(run, bad, rejected)


def address(example: Example) -> str:
    return example.address("coordinator")


def with_bad_addresses(run: RunContext) -> list[SimulatedEvent]:
    """Return events of a partner, each with one of the bad addresses: intake must reject them."""
    stream = run.partner_events("third", "addresses", bad=0).events()
    events = islice((event for event in stream if event.name == "organisation-submitted"), len(BAD_ADDRESSES))
    return [_with_address(event, bad) for event, bad in zip(events, BAD_ADDRESSES, strict=True)]


def _with_address(event: SimulatedEvent, email: str) -> SimulatedEvent:
    body = json.loads(event.value or b"")
    body["data"]["coordinator"]["email"] = email
    return SimulatedEvent("bad address", event.key, encode_event(body), expected="rejected")


async def publish_welcomes(run: RunContext, examples: Sequence[Example], addresses: dict[Example, str]) -> None:
    """Publish all that one welcome email for each example needs, past intake's own checks."""
    for example in examples:
        contact = example.contact("coordinator")
        contact = msgspec.structs.replace(contact, email=addresses.get(example, contact.email))
        await publish_messages(run, contact, *example.texts(), example.registered())


async def publish_messages(run: RunContext, *messages: Message) -> None:
    """Publish messages on internal topics, and tell the collector that no service has."""
    now = dev_clock.stack_now(run.cluster.endpoints.clock)
    for message in messages:
        id, topic, partition, record = prepare(message, now)
        run.collector.injected.add(str(id))
        injected = SimulatedEvent("injected", record.key, record.value, record.headers)
        await run.publisher.enqueue(topic, injected, partition)
    await run.publisher.flush()


async def assert_each_failed_alone(run: RunContext, bad: Sequence[Example], rejected: Sequence[Example]) -> None:
    """Each email to a bad address has failed, and nothing was sent to any of these."""
    failed = {example.organisation for example in (*bad, *rejected)}
    statuses = await run.cluster.fetch(
        "SELECT status FROM notify.emails WHERE template = 'welcome' AND facts ->> 'organisation' = ANY($1::text[])",
        [str(organisation) for organisation in failed],
    )
    assert [row["status"] for row in statuses] == ["failed"] * len(failed), statuses
    wrong = set(run.cluster.mail_server.envelope_recipients) & {*BAD_ADDRESSES, *map(address, rejected)}
    assert not wrong, f"{len(wrong)} emails were sent to addresses that are bad or rejected"
    assert not run.processes.exits, "a process exited because of an email"
    run.notes.append(f"{len(failed)} of {EMAILS} emails failed, each alone")


FAULTS = [Fault("bad-email-among-many", bad_email_among_many)]
