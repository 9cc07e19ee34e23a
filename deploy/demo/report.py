"""The report of a run: each message and email with its cause."""

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
DETAIL_FIELDS = ("type", "outcome", "gate", "stage", "side", "answer", "move_reason")
UNPUBLISHED_CAUSES = {"matching": "a shortlist or a timer", "coaching": "a timer", "notify": "a page or an email"}
"""Causes of a service's messages whose own cause was never published."""

Causes = Mapping[UUID, ObservedMessage]


def build_report(tag: str, messages: Sequence[ObservedMessage], mails: Sequence[Mail], folder: Path | None = None) -> Report:
    """Return the report of one run; `folder` holds the emails if it is on this machine."""
    causes = {message.cause: submission(message) for message in messages if message.kind == RECEIPT and message.cause}
    causes |= {message.id: message for message in messages}
    sent = {message.data["email"]: message for message in messages if message.kind == EMAIL_SENT}
    sections: dict[UUID, str] = {}
    for message in messages:
        sections.setdefault(first_cause(message, causes).id, message.section)
    return Report(
        tag,
        [message_entry(message, causes, sections) for message in with_submissions(messages, causes)],
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


def first_cause(message: ObservedMessage, causes: Causes) -> ObservedMessage:
    """Return the message at the beginning of the chain of causes; itself if its cause was not published."""
    while message.cause and message.cause in causes:
        message = causes[message.cause]
    return message


def message_entry(message: ObservedMessage, causes: Causes, sections: Mapping[UUID, str]) -> MessageEntry:
    """Return the entry of a message. `sections`: the earliest section of each chain, where a message that comes late belongs."""
    return MessageEntry(
        section=sections[first_cause(message, causes).id],
        id=message.id,
        kind=message.kind,
        detail=detail(message.data),
        service=message.service,
        subject=message.subject,
        time=message.time,
        cause=find_cause(message, causes),
    )


def detail(data: Mapping[str, Any]) -> str:
    """Return the codes that distinguish messages of one kind, and the day that they are about: `reminder_7 for 2027-03-22`."""
    problem = data.get("problem", {}).get("type", "").rpartition(":")[2]
    sources = (data, data.get("reply", {}))
    codes = [str(fields[name]) for fields in sources for name in DETAIL_FIELDS if fields.get(name)]
    days = [f"for {fields['on']}" for fields in sources if fields.get("on")]
    return " ".join(filter(None, [*codes, problem, *days]))


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
