"""A small valid history; a test removes or adds something, and the checker must report it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

from deploy.partner_client.record import RecordPosition, receipts_topic, submissions_topic
from shared.messages import intake
from shared.messages.envelope import Message
from tests.fault_injection.history.model import History, PublishedMessage, Rows

ROOT = UUID(int=3)
SUBMISSIONS, RECEIPTS = submissions_topic("demo"), receipts_topic("demo")
INTAKE, PRIVATE = "tandem.intake", "tandem.private"
ORGANISATION = str(UUID(int=1))
ABOUT = f"organisation/{ORGANISATION}"


def record_id(offset: int) -> str:
    """The id that intake gave the partner's record at this offset."""
    return str(uuid5(ROOT, f"record {offset}"))


def message(kind: type[Message], number: int, cause: str, position: RecordPosition, **data: Any) -> PublishedMessage:
    """A published message, the one with this number among the outputs of its cause."""
    id = str(uuid5(UUID(cause), f"{kind.kind}/{number}"))
    return PublishedMessage(position, ABOUT, id, kind.kind, ABOUT, cause, data, id.encode())


def receipt(offset: int, event: str) -> PublishedMessage:
    """The receipt of the partner's record at this offset."""
    data = {"topic": SUBMISSIONS, "partition": 0, "offset": offset, "outcome": "accepted", "tandem_id": ORGANISATION}
    event_type = f"tandem.partner.{event}.v1"
    return message(intake.Receipt, 0, record_id(offset), RecordPosition(RECEIPTS, 0, offset), event_type=event_type, **data)


def progressed(offset: int, position: int, *missing: str) -> PublishedMessage:
    at = RecordPosition(INTAKE, 0, position)
    return message(intake.ReadinessProgressed, 1, record_id(offset), at, missing_b=[], missing_s=list(missing))


def messages() -> list[PublishedMessage]:
    """An organisation is registered with its contact, and reports readiness three times."""
    missing = {"missing_b": [], "missing_s": ["RC-501", "RC-502"]}
    registered = message(intake.OrganisationRegistered, 1, record_id(0), RecordPosition(INTAKE, 0, 0), **missing)
    email = "coordinator@mensen.example"
    contact = message(intake.ContactChanged, 2, record_id(0), RecordPosition(PRIVATE, 0, 0), email=email)
    texts = [message(intake.TextFiled, n, record_id(0), RecordPosition(PRIVATE, 0, n - 2)) for n in range(3, 8)]
    reports = [progressed(1, 1, "RC-502"), progressed(2, 2), progressed(3, 4)]
    completed = message(intake.ReadinessCompleted, 2, record_id(2), RecordPosition(INTAKE, 0, 3), gate="S")
    receipts = [receipt(0, "organisation-submitted"), *(receipt(offset, "readiness-reported") for offset in (1, 2, 3))]
    return [registered, contact, *reports, *receipts, completed, *texts]


def history(published: Sequence[PublishedMessage] | None = None, **rows: Any) -> History:
    """The valid history, with other published messages or other final rows."""
    valid = messages()
    ours = {it.id for it in valid if it.kind != intake.Receipt.kind}
    on_intake_topic = {it.id for it in valid if it.position.topic == INTAKE}
    valid_rows = Rows(
        inbox={
            "intake": frozenset(map(record_id, range(4))),
            "matching": frozenset(),
            "coaching": frozenset(on_intake_topic),
            "notify": frozenset(ours),
        },
        contacts={ABOUT: "coordinator@mensen.example"},
        answers={ORGANISATION: {"RC-501": "yes", "RC-502": "yes"}},
        tandems={"coaching": frozenset(), "notify": frozenset()},
    )
    answered: Mapping[RecordPosition, Sequence[str]] = {
        RecordPosition(SUBMISSIONS, 0, 1): ["RC-501"],
        RecordPosition(SUBMISSIONS, 0, 2): ["RC-502"],
    }
    return History(
        expected_outcomes={RecordPosition(SUBMISSIONS, 0, offset): "accepted" for offset in range(4)},
        published=sorted(valid if published is None else published, key=lambda it: it.position),
        received_emails=[],
        rows=replace(valid_rows, **rows),
        answered_items=answered,
    )
