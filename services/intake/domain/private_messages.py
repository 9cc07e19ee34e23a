"""Messages with personal data and free text, which are published on the private topic only. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from services.intake.contract.fields import Person
from shared.messages.code_lists import Language, Role
from shared.messages.intake import ContactChanged, PrivateDataErased, TextFiled

OptionalTexts = Mapping[str, str | None]
"""Texts that a submission may leave out, by field: one that is None is erased if an earlier submission had it."""


def contact(about: str, role: Role, person: Person, language: Language, zone: str, nth: int = 0) -> ContactChanged:
    """Contact data of the person with this role at an organisation, vacancy or expert; `nth` numbers people with the same role."""
    return ContactChanged(about, role, nth, person.name.strip(), person.email, person.phone, language, zone)


def texts(about: str, **fields: str) -> Iterator[TextFiled]:
    """One message for each text; the field `dialogue_owner` is published as `dialogue-owner`."""
    for field, text in fields.items():
        yield TextFiled(about, field.replace("_", "-"), text.strip())


def optional_texts(about: str, filed: Sequence[str], given: OptionalTexts) -> Iterator[TextFiled | PrivateDataErased]:
    """One message for each text that is given, and then one for each that was `filed` before and is left out now."""
    yield from texts(about, **{field: text for field, text in given.items() if text is not None})
    for field, text in given.items():
        if text is None and field in filed:
            yield PrivateDataErased.of_text(about, field)


def filed_after(filed: Sequence[str], given: OptionalTexts) -> tuple[str, ...]:
    """The optional texts that are filed after a submission with the `given` ones."""
    kept = {field for field in filed if field not in given}
    return tuple(sorted(kept | {field for field, text in given.items() if text is not None}))
