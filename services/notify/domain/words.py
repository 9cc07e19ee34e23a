"""What people wrote and how to reach them, kept for the mails and pages alone. Pure: no clock, no database, no bus."""

from dataclasses import dataclass

from shared.decider import Effect
from shared.messages.intake import ContactChanged


@dataclass(frozen=True, slots=True)
class ContactKept(Effect):
    """How to reach a person in a role, from now on."""

    contact: ContactChanged


@dataclass(frozen=True, slots=True)
class TextKept(Effect):
    """Words about a subject (`organisation/…`), in a field, from now on."""

    about: str
    field: str
    text: str
