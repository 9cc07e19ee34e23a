"""Builds the report of a run: each message and email with its cause."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from deploy.demo.bus_observer import ObservedMessage
from deploy.demo.timeline import Cause, EmailEntry, MessageEntry, Report
from deploy.mail_catcher.mail import Mail
from deploy.partner_client.record import RecordPosition

RECEIPT = "tandem.intake.receipt.v1"
EMAIL_SENT = "tandem.notify.email-sent.v1"
DETAIL_FIELDS = ("type", "outcome", "gate", "stage", "side", "answer", "on", "move_reason")
UNPUBLISHED_CAUSES = {"matching": "a shortlist or a timer", "coaching": "a timer", "notify": "a page or an email"}
"""What causes a service's messages when the cause itself was never published."""

Causes = Mapping[UUID, ObservedMessage]


def build_report(tag: str, messages: Sequence[ObservedMessage], mails: Sequence[Mail], folder: Path | None = None) -> Report:
    """Return the report of one run; `folder` holds the emails if it is on this machine."""
    causes = {message.cause: submission(message) for message in messages if message.kind == RECEIPT and message.cause}
    causes |= {message.id: message for message in messages}
    sent = {message.data["email"]: message for message in messages if message.kind == EMAIL_SENT}
    return Report(
        tag,
        [message_entry(message, causes) for message in with_submissions(messages, causes)],
        [email_entry(mail, sent[mail.email_id], causes, folder) for mail in mails if mail.email_id in sent],
    )


def submission(receipt: ObservedMessage) -> ObservedMessage:
    """Return the partner's record, as its receipt describes it."""
    return ObservedMessage(
        section=receipt.section,
        position=RecordPosition(receipt.data["topic"], receipt.data["partition"], receipt.data["offset"]),
        id=receipt.cause or receipt.id,
        kind=receipt.data.get("event_type") or "an undecodable record",
        service=f"partner {receipt.data['partner']}",
        subject=receipt.subject,
        cause=None,
        correlation=receipt.correlation,
        time=receipt.time,
        data={},
    )


def with_submissions(messages: Sequence[ObservedMessage], causes: Causes) -> Iterator[ObservedMessage]:
    """Yield the messages, with each record of the partner before the first message that it caused."""
    listed: set[UUID] = {message.id for message in messages}
    for message in messages:
        if message.cause and message.cause in causes and message.cause not in listed:
            listed.add(message.cause)
            yield causes[message.cause]
        yield message


def message_entry(message: ObservedMessage, causes: Causes) -> MessageEntry:
    """Return the entry of a message, in the section of its first cause: a late message belongs there."""
    first = message
    while first.cause and first.cause in causes:
        first = causes[first.cause]
    return MessageEntry(
        section=first.section,
        id=message.id,
        kind=message.kind,
        detail=detail(message.data),
        service=message.service,
        subject=message.subject,
        time=message.time,
        cause=find_cause(message, causes),
    )


def detail(data: Mapping[str, Any]) -> str:
    """Return the codes that distinguish messages of one kind: `accepted`, `B`, `expert yes`, `reminder_7`."""
    problem = data.get("problem", {}).get("type", "").rpartition(":")[2]
    codes = [str(fields[name]) for fields in (data, data.get("reply", {})) for name in DETAIL_FIELDS if fields.get(name)]
    return " ".join([*codes, problem]).strip()


def find_cause(message: ObservedMessage, causes: Causes) -> Cause | None:
    if message.cause is None:
        return None
    if cause := causes.get(message.cause):
        return Cause(cause.id, cause.kind, cause.subject)
    return Cause(message.cause, UNPUBLISHED_CAUSES.get(message.service, message.service))


def email_entry(mail: Mail, sent: ObservedMessage, causes: Causes, folder: Path | None) -> EmailEntry:
    cause, file = causes[UUID(sent.data["cause"])], f"{mail.name}.html"
    return EmailEntry(
        template=sent.data["template"],
        role=sent.data["role"],
        about=sent.data["about"],
        cause=Cause(cause.id, cause.kind, cause.subject),
        time=sent.time,
        file=str(folder / file) if folder else file,
        message_id=mail.message_id,
    )
