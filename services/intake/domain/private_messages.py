"""Messages with personal data and free text, which are published on the private topic only. Pure."""

from collections.abc import Iterator

from services.intake.contract.fields import Person
from shared.messages.code_lists import Language, Role
from shared.messages.intake import ContactChanged, TextFiled


def contact(about: str, role: Role, person: Person, language: Language, zone: str, nth: int = 0) -> ContactChanged:
    """Contact data of the person with this role at an organisation, vacancy or expert; `nth` tells people with one role apart."""
    return ContactChanged(about, role, nth, person.name.strip(), person.email, person.phone, language, zone)


def texts(about: str, **fields: str | None) -> Iterator[TextFiled]:
    """One message for each text that is given; the field `dialogue_owner` is published as `dialogue-owner`."""
    for field, text in fields.items():
        if text is not None:
            yield TextFiled(about, field.replace("_", "-"), text.strip())
