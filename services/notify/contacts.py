"""Contact data, display names and free text: one lookup for emails and pages."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from services.notify.domain.people import PROGRAMME, Person
from services.notify.store import SQL
from shared.messages.code_lists import Language
from shared.postgres.pool import Connection
from shared.programme.plain_text import one_line
from shared.programme.policy import Policy

NO_NAME = "(naam onbekend)"
"""Shown for a name that was stored without any visible character."""


class Contact(NamedTuple):
    """Contact data of one person."""

    name: str
    email: str
    phone: str | None
    language: Language
    zone: str
    digest: str = ""
    """Of name and address as stored; changes with the person or the address."""


class ContactDirectory:
    """Contacts and texts of the subjects loaded so far, harmless wherever they are shown: in emails, subjects, calendars, pages."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.texts: dict[tuple[str, str], str] = {}
        self.contacts: dict[Person, Contact] = {}

    async def load(self, db: Connection, keys: Iterable[str]) -> None:
        """Add the contacts and texts of these entity keys."""
        subjects = list(keys)
        for row in await db.fetch(SQL["load_texts"], subjects):
            self.texts[row["about"], row["field"]] = harmless(row["text"])
        for about, role, nth, name, *contact in await db.fetch(SQL["load_contacts"], subjects):
            self.contacts[Person(about, role, nth)] = Contact(one_line(name) or NO_NAME, *contact)

    def contact(self, person: Person) -> Contact | None:
        """Return contact data, for the programme's own people from the policy; None if it is not known."""
        if person.subject == PROGRAMME and (own := self.policy.contact(person.role)):
            return Contact(own.name, own.email, own.phone, self.policy.language, self.policy.zone)
        return self.contacts.get(person)

    def text(self, about: str, field: str) -> str:
        """Return free text, or an empty string."""
        return self.texts.get((about, field), "")

    def display_names(self, organisation: str, vacancy: str, expert: str, partners: int) -> Mapping[str, Any]:
        """Return the names that emails and pages mention, without unknown ones; the partners' only if all of them are known."""
        coordinator = self.contacts.get(Person(organisation, "coordinator"))
        person = self.contacts.get(Person(expert, "expert"))
        team = [found.name for nth in range(partners) if (found := self.contacts.get(Person(vacancy, "partner", nth)))]
        names = {
            "organisation_name": self.text(organisation, "name"),
            "organisation_place": self.text(organisation, "place"),
            "vacancy_title": self.text(vacancy, "title"),
            "expert_name": person and person.name,
            "coordinator_name": coordinator and coordinator.name,
            "coordinator_email": coordinator and coordinator.email,
            "coordinator_phone": coordinator and coordinator.phone,
        }
        known = {name: value for name, value in names.items() if value}
        return known | ({"partner_names": team} if len(team) == partners else {})


def harmless(text: str) -> str:
    """Return lines that each read in one direction, without control characters."""
    return "\n".join(one_line(line) for line in text.splitlines())
