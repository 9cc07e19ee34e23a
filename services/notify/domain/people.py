"""People as holders of roles: recipients of emails and owners of links. Pure: no clock, database or network."""

from typing import NamedTuple
from uuid import UUID

from shared.messages.code_lists import Role
from shared.messages.ids import entity_key

PROGRAMME = "programme"
FORMER = "former"
"""Prefix of the subject of a person who left; their contact data are deleted once nothing waits for them."""


class Person(NamedTuple):
    """The holder of a role for a subject (an entity key, or `PROGRAMME`); `nth` numbers several holders of one role.

    Name and address are looked up when they are needed.
    """

    subject: str
    role: Role
    nth: int = 0


def coordinator(organisation: UUID) -> Person:
    return Person(entity_key("organisation", organisation), "coordinator")


def expert(id: UUID) -> Person:
    return Person(entity_key("expert", id), "expert")


def partners(vacancy: UUID, count: int) -> list[Person]:
    return [Person(entity_key("vacancy", vacancy), "partner", nth) for nth in range(count)]


def in_role(role: Role, nth: int, organisation: UUID, expert_id: UUID, vacancy: UUID) -> Person:
    """Return the `nth` holder of a role in the work that these entities have together."""
    match role:
        case "coordinator":
            return coordinator(organisation)
        case "expert":
            return expert(expert_id)
        case "partner":
            return Person(entity_key("vacancy", vacancy), "partner", nth)
        case _:
            return of_programme(role)


def of_programme(role: Role) -> Person:
    """The programme's own mediator, advice team or lead; the policy holds their contact data."""
    return Person(PROGRAMME, role)


def is_former(person: Person) -> bool:
    return person.subject.startswith(f"{FORMER}/")
