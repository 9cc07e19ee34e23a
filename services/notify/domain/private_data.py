"""Erasure by a tombstone of the private topic. Pure: no clock, database or network."""

from collections.abc import Iterator

from services.notify.domain.effects import EraseContact, SaveText
from shared.messages.intake import PrivateDataErased


def on_erased(message: PrivateDataErased) -> Iterator[EraseContact | SaveText]:
    """Erase the text or contact data that its record key names; other keys name nothing that notify stores."""
    match message.key.removeprefix(f"{message.subject}/").split("/"):
        case ["text", field]:
            yield SaveText(message.subject, field, None)
        case ["contact", person]:
            role, _, nth = person.rpartition("-")
            if nth.isdecimal():
                yield EraseContact(message.subject, role, int(nth))
