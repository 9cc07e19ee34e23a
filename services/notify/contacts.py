"""Contact data, display names and free text: one lookup for emails and pages."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from services.notify.domain.people import PROGRAMME, Person
from services.notify.store import SQL
from shared.messages.code_lists import Language
from shared.postgres.pool import Connection
from shared.programme.policy import Policy


class Contact(NamedTuple):
    """Contact data of one person."""

    name: str
    email: str
    phone: str | None
    language: Language
    zone: str


class ContactDirectory:
    """Contacts and texts of the subjects loaded so far."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.texts: dict[tuple[str, str], str] = {}
        self.contacts: dict[Person, Contact] = {}

    async def load(self, db: Connection, keys: Iterable[str]) -> None:
        """Add the contacts and texts of these entity keys."""
        subjects = list(keys)
        for row in await db.fetch(SQL["texts"], subjects):
            self.texts[row["about"], row["field"]] = row["text"]
        for about, role, nth, *contact in await db.fetch(SQL["contacts"], subjects):
            self.contacts[Person(about, role, nth)] = Contact(*contact)

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
