"""From what was seen to the report: each message and mail with what it came from."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from deploy.demo.bus_observer import Told
from deploy.demo.timeline import Cause, Line, Post, Report
from deploy.demo.users import Mail
from deploy.partner_client.topic_tail import RecordPosition

RECEIPT = "tandem.intake.receipt.v1"
SENT = "tandem.notify.email-sent.v1"
TELLING = ("type", "outcome", "gate", "stage", "side", "answer", "on", "moved_because")
INSIDE = {"matching": "a draw or a timer", "coaching": "a timer", "notify": "a page or a letter"}


def report(tag: str, told: Sequence[Told], mails: Sequence[Mail], folder: Path | None = None) -> Report:
    """Everything seen in one run; `folder` is where the mails lie, if that is on this machine."""
    origin = {it.cause: submission(it) for it in told if it.kind == RECEIPT and it.cause}
    origin |= {it.id: it for it in told}
    letters = {it.data["email"]: it for it in told if it.kind == SENT}
    return Report(
        tag,
        [line(it, origin) for it in with_submissions(told, origin)],
        [post(mail, letters[mail.letter], origin, folder) for mail in mails if mail.letter in letters],
    )


def submission(receipt: Told) -> Told:
    """The partner's own record, as its receipt tells of it."""
    return Told(
        chapter=receipt.chapter,
        place=RecordPosition(receipt.data["topic"], receipt.data["partition"], receipt.data["offset"]),
        id=receipt.cause or receipt.id,
        kind=receipt.data.get("event_type") or "an unreadable record",
        service=f"partner {receipt.data['partner']}",
        subject=receipt.subject,
        cause=None,
        correlation=receipt.correlation,
        time=receipt.time,
        data={},
    )


def with_submissions(told: Sequence[Told], origin: Mapping[UUID, Told]) -> Iterator[Told]:
    """Each of the partner's records stands before the first that came of it."""
    before: set[UUID] = {it.id for it in told}
    for it in told:
        if it.cause and it.cause in origin and it.cause not in before:
            before.add(it.cause)
            yield origin[it.cause]
        yield it


def line(it: Told, origin: Mapping[UUID, Told]) -> Line:
    """What came late belongs to the chapter of what it came from."""
    cause, first = named(it, origin), it
    while first.cause and first.cause in origin:
        first = origin[first.cause]
    return Line(first.chapter, it.id, it.kind, detail(it.data), it.service, it.subject, it.time, cause)


def detail(data: Mapping[str, Any]) -> str:
    """The codes that tell one message of a kind from another: `accepted`, `B`, `expert yes`, `reminder_7`."""
    problem = data.get("problem", {}).get("type", "").rpartition("/")[2]
    codes = [str(of[name]) for of in (data, data.get("reply", {})) for name in TELLING if of.get(name)]
    return " ".join([*codes, problem]).strip()


def named(it: Told, origin: Mapping[UUID, Told]) -> Cause | None:
    if it.cause is None:
        return None
    known = origin.get(it.cause)
    return Cause(known.id, known.kind, known.subject) if known else Cause(it.cause, INSIDE.get(it.service, it.service))


def post(mail: Mail, sent: Told, origin: Mapping[UUID, Told], folder: Path | None) -> Post:
    led_by = origin[UUID(sent.data["cause"])]
    return Post(
        template=sent.data["template"],
        role=sent.data["role"],
        about=sent.data["about"],
        cause=Cause(led_by.id, led_by.kind, led_by.subject),
        time=sent.time,
        file=str(folder / mail.file) if folder else mail.file,
        message_id=mail.message_id,
    )
