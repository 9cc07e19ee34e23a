"""What people wrote and how to reach them, kept for the mails and pages alone. Pure: no clock, no database, no bus."""

from dataclasses import dataclass

from shared.messages.intake import ContactChanged
from shared.pipeline.decider import Effect


@dataclass(frozen=True, slots=True)
class SaveContact(Effect):
    """How to reach a person in a role, from now on."""

    contact: ContactChanged


@dataclass(frozen=True, slots=True)
class SaveText(Effect):
    """Words about a subject (`organisation/…`), in a field, from now on."""

    about: str
    field: str
    text: str
