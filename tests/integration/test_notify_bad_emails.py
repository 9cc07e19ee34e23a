"""Bad emails among many on a real mail server: each is its own outcome; the worker and all other emails go on."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from email.mime.multipart import MIMEMultipart

import asyncpg
import msgspec
import pytest
from aiosmtplib import SMTP, SMTPResponse

from deploy.stack.endpoints import Endpoints
from services.notify.emails.mime import mime_message
from services.notify.emails.render import RenderedEmail, ResolvedEmail
from shared.messages.envelope import Message
from shared.messages.ids import entity_key
from shared.messages.notify import EmailFailed, EmailSent
from shared.programme.policy import Policy
from tests.integration.test_notify import Notify, running_notify, welcome_of
from tests.support.bad_addresses import BAD_ADDRESSES
from tests.support.factories import Example

CLIENT_ERRORS = (ValueError("control"), UnicodeEncodeError("ascii", "é", 0, 1, "ordinal"), RuntimeError("broken"), KeyError("x"))


@pytest.fixture(scope="module")
async def notify(stack: Endpoints, kafka: str, database: asyncpg.Connection) -> AsyncIterator[Notify]:
    async with running_notify(stack, kafka, database) as running:
        yield running


async def publish_welcomes(notify: Notify, examples: Sequence[Example], addresses: dict[Example, str] | None = None) -> None:
    """Publish all that one welcome email for each example needs."""
    messages: list[Message] = []
    for example, address in ((it, (addresses or {}).get(it, it.address("coordinator"))) for it in examples):
        contact = msgspec.structs.replace(example.contact("coordinator"), email=address)
        messages += [contact, *example.texts(), example.registered()]
    await notify.bus.publish(*messages)


async def wait_until_sent(notify: Notify, examples: Sequence[Example]) -> None:
    for example in examples:
        await notify.bus.wait_for(EmailSent, welcome_of(example))


async def failures(notify: Notify, examples: Sequence[Example]) -> list[str]:
    return [(await notify.bus.wait_for(EmailFailed, welcome_of(example))).data.reason for example in examples]


async def test_every_tenth_email_has_a_bad_address_and_the_others_arrive_once(notify: Notify) -> None:
    examples = [Example() for _ in range(80)]
    bad, good = examples[::10], [example for nth, example in enumerate(examples) if nth % 10]
    await publish_welcomes(notify, examples, dict(zip(bad, BAD_ADDRESSES, strict=True)))

    await wait_until_sent(notify, good)
    assert await failures(notify, bad) == ["bad_address"] * len(bad)
    received = [to for to in notify.mail_server.envelope_recipients if to != "adviesteam@tandem.example"]
    assert Counter(received) == Counter(example.address("coordinator") for example in good)


async def test_whatever_the_mail_client_raises_is_the_outcome_of_that_email_alone(
    notify: Notify, monkeypatch: pytest.MonkeyPatch
) -> None:
    examples = [Example() for _ in range(40)]
    bad, good = examples[::10], [example for nth, example in enumerate(examples) if nth % 10]
    errors = {example.address("coordinator"): error for example, error in zip(bad, CLIENT_ERRORS, strict=True)}
    original = SMTP.rcpt

    async def raising_rcpt(client: SMTP, recipient: str) -> SMTPResponse:
        if error := errors.get(recipient):
            raise error
        return await original(client, recipient)

    monkeypatch.setattr(SMTP, "rcpt", raising_rcpt)
    await publish_welcomes(notify, examples)

    await wait_until_sent(notify, good)
    assert await failures(notify, bad[:2]) == ["rejected", "rejected"]
    monkeypatch.undo()
    await wait_until_sent(notify, bad[2:])  # deferred, because nothing had been transferred


async def test_email_that_cannot_be_rendered_waits_and_the_others_arrive(notify: Notify, monkeypatch: pytest.MonkeyPatch) -> None:
    examples = [Example() for _ in range(20)]
    faulty = examples.pop(7)

    def broken(email: ResolvedEmail, rendered: RenderedEmail, policy: Policy) -> MIMEMultipart:
        if email.reader.email == faulty.address("coordinator"):
            raise KeyError("fact")
        return mime_message(email, rendered, policy)

    monkeypatch.setattr("services.notify.emails.sender.mime_message", broken)
    await publish_welcomes(notify, [faulty, *examples])

    await wait_until_sent(notify, examples)
    monkeypatch.undo()
    await wait_until_sent(notify, [faulty])


async def test_queued_email_with_broken_facts_does_not_hold_up_the_others(notify: Notify) -> None:
    faulty, others = Example(), [Example() for _ in range(10)]
    await notify.bus.publish(faulty.registered())
    await publish_welcomes(notify, others)
    about = entity_key("organisation", faulty.organisation)
    await notify.database.execute("UPDATE notify.emails SET facts = '{}', template = 'no-such-template' WHERE about = $1", about)
    await notify.bus.publish(*faulty.contacts(), *faulty.texts())

    later = Example()
    await publish_welcomes(notify, [later])
    await wait_until_sent(notify, [*others, later])
