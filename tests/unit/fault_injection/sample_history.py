"""A small history as the auditor sees it, sound in everything: what a test takes away or adds is what must be found."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

from deploy.partner_client.topic_tail import RecordPosition
from shared.messages import intake
from shared.messages.envelope import Message
from tests.fault_injection.history.model import History, Rows, Said

ROOT = UUID(int=3)
SUBMISSIONS, RECEIPTS, INTAKE, PRIVATE = (
    "tandem.partner.demo.submissions",
    "tandem.partner.demo.receipts",
    "tandem.intake",
    "tandem.private",
)
ORGANISATION = str(UUID(int=1))
ABOUT = f"organisation/{ORGANISATION}"


def record(offset: int) -> str:
    """The id under which a record was let in."""
    return str(uuid5(ROOT, f"record {offset}"))


def said(kind: type[Message], nth: int, cause: str, place: RecordPosition, **data: Any) -> Said:
    """A message as it stands on the bus, the nth of its cause."""
    id = str(uuid5(UUID(cause), f"{kind.kind}/{nth}"))
    return Said(place, ABOUT, id, kind.kind, ABOUT, cause, data, id.encode())


def receipt(offset: int, at: int, event: str) -> Said:
    data = {"topic": SUBMISSIONS, "partition": 0, "offset": offset, "outcome": "accepted", "tandem_id": ORGANISATION}
    return said(intake.Receipt, 0, record(offset), RecordPosition(RECEIPTS, 0, at), event_type=f"tandem.partner.{event}.v1", **data)


def progressed(offset: int, at: int, *missing: str) -> Said:
    return said(intake.ReadinessProgressed, 1, record(offset), RecordPosition(INTAKE, 0, at), missing_b=[], missing_s=list(missing))


def history() -> list[Said]:
    """An organisation is registered, with its contact, and reports three times that it is readier."""
    registered = said(
        intake.OrganisationRegistered, 1, record(0), RecordPosition(INTAKE, 0, 0), missing_b=[], missing_s=["RC-501", "RC-502"]
    )
    contact = said(intake.ContactChanged, 2, record(0), RecordPosition(PRIVATE, 0, 0), email="coordinator@mensen.example")
    texts = [said(intake.TextFiled, nth, record(0), RecordPosition(PRIVATE, 0, nth - 2)) for nth in range(3, 8)]
    reports = [progressed(1, 1, "RC-502"), progressed(2, 2), progressed(3, 4)]
    completed = said(intake.ReadinessCompleted, 2, record(2), RecordPosition(INTAKE, 0, 3), gate="S")
    receipts = [receipt(0, 0, "organisation-submitted"), *(receipt(nth, nth, "readiness-reported") for nth in (1, 2, 3))]
    return [registered, contact, *reports, *receipts, completed, *texts]


def evidence(told: Sequence[Said] | None = None, **rows: Any) -> History:
    """What is seen of this history, or of what a test made of it; `rows` are other final rows than the sound ones."""
    whole = history()
    ours = {it.id for it in whole if it.kind != intake.Receipt.kind}
    ready = {it.id for it in whole if it.place.topic == INTAKE}
    sound = Rows(
        inbox={
            "intake": frozenset(map(record, range(4))),
            "matching": frozenset(),
            "coaching": frozenset(ready),
            "notify": frozenset(ours),
        },
        contacts={ABOUT: "coordinator@mensen.example"},
        answers={ORGANISATION: {"RC-501": "yes", "RC-502": "yes"}},
        tandems={"coaching": frozenset(), "notify": frozenset()},
    )
    places = {RecordPosition(SUBMISSIONS, 0, offset): "accepted" for offset in range(4)}
    answered: Mapping[RecordPosition, Sequence[str]] = {
        RecordPosition(SUBMISSIONS, 0, 1): ["RC-501"],
        RecordPosition(SUBMISSIONS, 0, 2): ["RC-502"],
    }
    seen = sorted(whole if told is None else told, key=lambda it: it.place)
    return History(places, seen, [], replace(sound, **rows), answered=answered)
