"""Names, addresses and words, on their one road: the private topic. Pure."""

from collections.abc import Iterator

from services.intake.contract.fields import Person
from shared.messages.code_lists import Language, Role
from shared.messages.intake import ContactChanged, TextFiled


def contact(about: str, role: Role, person: Person, language: Language, zone: str, nth: int = 0) -> ContactChanged:
    """How to reach the person in a role of this organisation, vacancy or expert; `nth` tells several of one role apart."""
    return ContactChanged(about, role, nth, person.name, person.email, person.phone, language, zone)


def texts(about: str, **words: str | None) -> Iterator[TextFiled]:
    """The words that were given; a field `dialogue_owner` is filed as `dialogue-owner`."""
    for field, text in words.items():
        if text is not None:
            yield TextFiled(about, field.replace("_", "-"), text)
