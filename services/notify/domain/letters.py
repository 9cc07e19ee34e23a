"""Letters: to whom, about what, and what became of each. Pure: no clock, no database, no bus."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, NamedTuple, assert_never
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from services.notify.domain.heard import LetterDelivered, LetterRefused, LetterSkipped, Skipped
from shared.decider import Effect
from shared.messages.codes import Role
from shared.messages.envelope import Message, derived, key
from shared.messages.notify import LetterFailed, LetterSent

PROGRAMME = "programme"


class Person(NamedTuple):
    """Who gets a letter, as a role beside a subject; name and address are looked up at sending."""

    subject: str
    role: Role
    nth: int = 0


def coordinator(organisation: UUID) -> Person:
    return Person(key("organisation", organisation), "coordinator")


def expert(id: UUID) -> Person:
    return Person(key("expert", id), "expert")


def partners(vacancy: UUID, count: int) -> list[Person]:
    return [Person(key("vacancy", vacancy), "partner", nth) for nth in range(count)]


def of_programme(role: Role) -> Person:
    """The programme's own mediator, advice team or lead, who stand in the policy."""
    return Person(PROGRAMME, role)


@dataclass(frozen=True, slots=True)
class Letter(Effect):
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
        return derived(self.cause, f"{self.template}/{self.to.subject}/{self.to.role}/{self.to.nth}")


def facts(**named: Any) -> dict[str, Any]:
    """Plain data for a letter: dates as ISO text, ids as text, structs as objects."""
    return {name: msgspec.to_builtins(value) for name, value in named.items()}


def end_of(day: date, zone: str) -> datetime:
    """The first moment after this day on the calendar in `zone` (aware)."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))


class Delivery(msgspec.Struct, frozen=True):
    """One letter on its way to one person."""

    key: str
    template: str = ""
    about: str = ""
    role: Role = "coordinator"
    cause: UUID | None = None
    status: Literal["waiting", "sent", "failed", "skipped"] = "waiting"
    because: Literal["refused", "no_contact", "gave_up"] | Skipped | None = None


def decide(delivery: Delivery, heard: LetterDelivered | LetterRefused | LetterSkipped) -> Iterator[Message]:
    """The first outcome of a letter stands. One that is skipped is nobody's news: its row keeps the reason."""
    if delivery.status != "waiting":
        return
    about, template, role, cause = delivery.about, delivery.template, delivery.role, delivery.cause
    match heard:
        case LetterDelivered(letter=id, attempts=attempts):
            yield LetterSent(id, template, about, role, attempts, cause)
        case LetterRefused(letter=id, because=because):
            yield LetterFailed(id, template, about, role, because, cause)
        case LetterSkipped():
            pass
        case _:
            assert_never(heard)


def evolve(delivery: Delivery, fact: Message) -> Delivery:
    match fact:
        case LetterSent():
            return msgspec.structs.replace(delivery, status="sent")
        case LetterFailed(because=because):
            return msgspec.structs.replace(delivery, status="failed", because=because)
        case LetterSkipped(because=because) if delivery.status == "waiting":
            return msgspec.structs.replace(delivery, status="skipped", because=because)
        case _:
            return delivery
