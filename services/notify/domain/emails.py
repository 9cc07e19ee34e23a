"""Letters: to whom, about what, and what became of each. Pure: no clock, no database, no bus."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, NamedTuple, assert_never
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from services.notify.domain.inputs import EmailDelivered, EmailRejected, EmailSkipped, Skipped
from shared.messages.code_lists import Role
from shared.messages.envelope import Message, deterministic_uuid, entity_key
from shared.messages.notify import EmailFailed, EmailSent
from shared.pipeline.decider import Effect

PROGRAMME = "programme"


class Person(NamedTuple):
    """Who gets a letter, as a role beside a subject; name and address are looked up at sending."""

    subject: str
    role: Role
    nth: int = 0


def coordinator(organisation: UUID) -> Person:
    return Person(entity_key("organisation", organisation), "coordinator")


def expert(id: UUID) -> Person:
    return Person(entity_key("expert", id), "expert")


def partners(vacancy: UUID, count: int) -> list[Person]:
    return [Person(entity_key("vacancy", vacancy), "partner", nth) for nth in range(count)]


def of_programme(role: Role) -> Person:
    """The programme's own mediator, advice team or lead, who stand in the policy."""
    return Person(PROGRAMME, role)


@dataclass(frozen=True, slots=True)
class SendEmail(Effect):
    """A mail that is due: unique for its cause, template and person. `facts` hold ids, codes and ISO dates, never words.

    From the moment `until` on it would say what is no longer so, and is not sent any more; None: it never grows old.
    """

    cause: UUID
    template: str
    to: Person
    about: str
    facts: Mapping[str, Any]
    until: datetime | None = None

    @property
    def id(self) -> UUID:
        """The same letter has the same id, however often its cause is heard."""
        return deterministic_uuid(self.cause, f"{self.template}/{self.to.subject}/{self.to.role}/{self.to.nth}")


def facts(**named: Any) -> dict[str, Any]:
    """Plain data for a letter: dates as ISO text, ids as text, structs as objects."""
    return {name: msgspec.to_builtins(value) for name, value in named.items()}


def end_of(day: date, zone: str) -> datetime:
    """The first moment after this day on the calendar in `zone` (aware)."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))


class EmailDelivery(msgspec.Struct, frozen=True):
    """One letter on its way to one person."""

    key: str
    template: str = ""
    about: str = ""
    role: Role = "coordinator"
    cause: UUID | None = None
    status: Literal["waiting", "sent", "failed", "skipped"] = "waiting"
    because: Literal["refused", "no_contact", "gave_up"] | Skipped | None = None


def decide(delivery: EmailDelivery, heard: EmailDelivered | EmailRejected | EmailSkipped) -> Iterator[Message]:
    """The first outcome of a letter stands. One that is skipped is nobody's news: its row keeps the reason."""
    if delivery.status != "waiting":
        return
    about, template, role, cause = delivery.about, delivery.template, delivery.role, delivery.cause
    match heard:
        case EmailDelivered(letter=id, attempts=attempts):
            yield EmailSent(id, template, about, role, attempts, cause)
        case EmailRejected(letter=id, because=because):
            yield EmailFailed(id, template, about, role, because, cause)
        case EmailSkipped():
            pass
        case _:
            assert_never(heard)


def evolve(delivery: EmailDelivery, fact: Message) -> EmailDelivery:
    match fact:
        case EmailSent():
            return msgspec.structs.replace(delivery, status="sent")
        case EmailFailed(because=because):
            return msgspec.structs.replace(delivery, status="failed", because=because)
        case EmailSkipped(because=because) if delivery.status == "waiting":
            return msgspec.structs.replace(delivery, status="skipped", because=because)
        case _:
            return delivery
