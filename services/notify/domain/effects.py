"""Effects of notify's decisions, applied in the same transaction. Pure: no clock, database or network."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from services.notify.domain.people import Person
from shared.messages.ids import deterministic_uuid
from shared.messages.intake import ContactChanged
from shared.pipeline.decider import Effect


@dataclass(frozen=True, slots=True)
class SendEmail(Effect):
    """Queue one email to one person. Unique per cause, template and person.

    `facts` hold ids, codes and ISO dates, never names or free text. From `expires_at` on (aware) the email would be out of date
    and is skipped; None means that it never expires.
    """

    cause: UUID
    template: str
    to: Person
    about: str
    facts: Mapping[str, Any]
    expires_at: datetime | None = None

    @property
    def id(self) -> UUID:
        """Deterministic, so that a redelivered cause yields the same email."""
        return deterministic_uuid(self.cause, f"{self.template}/{self.to.subject}/{self.to.role}/{self.to.nth}")


@dataclass(frozen=True, slots=True)
class SaveContact(Effect):
    """Store the contact data of a person in a role, replacing earlier data."""

    contact: ContactChanged


@dataclass(frozen=True, slots=True)
class EraseContact(Effect):
    """Erase the contact data of a person in a role."""

    about: str
    role: str
    nth: int


@dataclass(frozen=True, slots=True)
class SaveText(Effect):
    """Store free text about an entity (`organisation/…`) under a field name, replacing earlier text; None erases it."""

    about: str
    field: str
    text: str | None


def facts(**values: Any) -> dict[str, Any]:
    """Return the values as plain JSON data for `SendEmail`: dates as ISO text, ids as text, structs as objects."""
    return {name: msgspec.to_builtins(value) for name, value in values.items()}


def end_of_day(day: date, zone: str) -> datetime:
    """Return the midnight that ends this local date in `zone`, as an aware datetime."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
