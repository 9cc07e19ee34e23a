"""From a letter's row to a draft with names, address and links, looked up at the moment of sending."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from asyncpg import Record as Row

from services.notify.domain.letters import PROGRAMME, Person
from services.notify.links import Link, Links, Purpose
from services.notify.render import Draft, Reader, needs
from services.notify.store import SQL
from shared.database import Connection
from shared.policy import Policy

PAGES: Mapping[str, Purpose] = {
    "welcome": "stappen",
    "ready_b": "stappen",
    "ready_s": "stappen",
    "start_waiting": "stappen",
    "next_step": "volgende-stap",
    "shortlist": "lijst",
    "ended_mediator": "lijst",
    "proposal_expert": "voorstel",
    "proposal_organisation": "voorstel",
    "ended": "voorstel",
    "start": "start",
    "exploration": "start",
}
"""Which page a mail's button opens; all others open the talk's."""
THINGS = ("organisation", "vacancy", "expert")


async def drafts(db: Connection, letters: Sequence[Row], policy: Policy, links: Links) -> list[Draft | None]:
    """A draft for each letter, in their order; None for one whose person or words are not known yet."""
    keys = sorted({key for letter in letters for key in _keys(letter)})
    contacts = defaultdict[str, list[Row]](list)
    for row in await db.fetch(SQL["contacts"], keys):
        contacts[row["about"]].append(row)
    texts = {(row["about"], row["field"]): row["text"] for row in await db.fetch(SQL["texts"], keys)}
    sought = {row["key"]: row for row in await db.fetch(SQL["sought"], keys)}
    return [_draft(letter, _reader(letter, contacts, policy), _names(letter, contacts, texts, sought), links) for letter in letters]


def _keys(letter: Row) -> Iterable[str]:
    yield letter["subject"]
    for thing in THINGS:
        if thing in letter["facts"]:
            yield f"{thing}/{letter['facts'][thing]}"


def _draft(letter: Row, reader: Reader | None, names: dict[str, Any], links: Links) -> Draft | None:
    if reader is None or not needs(letter["template"]) <= names.keys():
        return None
    person = Person(letter["subject"], letter["role"], letter["nth"])
    purpose = PAGES.get(letter["template"], "gesprek")
    about = f"organisation/{letter['facts']['organisation']}" if purpose == "stappen" else letter["about"]
    return Draft(
        letter["id"],
        letter["template"],
        letter["about"],
        letter["role"],
        letter["facts"],
        letter["time"],
        reader,
        names,
        links.written(Link(purpose, about, person)),
        links.written(Link("hulp", about, person)),
    )


def _reader(letter: Row, contacts: Mapping[str, list[Row]], policy: Policy) -> Reader | None:
    if letter["subject"] == PROGRAMME and (own := policy.contact(letter["role"])):
        return Reader(own.name, own.email, policy.language, policy.zone)
    found = _contact(contacts[letter["subject"]], letter["role"], letter["nth"])
    return Reader(found["name"], found["email"], found["language"], found["zone"]) if found else None


def _contact(rows: Iterable[Row], role: str, nth: int = 0) -> Row | None:
    return next((row for row in rows if row["role"] == role and row["nth"] == nth), None)


def _names(
    letter: Row, contacts: Mapping[str, list[Row]], texts: Mapping[tuple[str, str], str], sought: Mapping[str, Row]
) -> dict[str, Any]:
    """What people and places are called, as far as it is known; a vacancy counts once it is open, as on its page."""
    organisation, vacancy, expert = (f"{thing}/{letter['facts'].get(thing)}" for thing in THINGS)
    names: dict[str, Any] = {
        "organisation_name": texts.get((organisation, "name")),
        "organisation_place": texts.get((organisation, "place")),
    }
    if vacancy in sought:
        names["vacancy_title"] = texts.get((vacancy, "title"))
        names |= {"tasks": [task["category"] for task in sought[vacancy]["tasks"]], "hours": sought[vacancy]["hours"]}
    if coordinator := _contact(contacts[organisation], "coordinator"):
        names |= {f"coordinator_{field}": coordinator[field] for field in ("name", "phone", "email")}
    if person := _contact(contacts[expert], "expert"):
        names["expert_name"] = person["name"]
    known = {name: value for name, value in names.items() if value is not None or name == "coordinator_phone"}
    partners = sorted((row for row in contacts[vacancy] if row["role"] == "partner"), key=lambda row: row["nth"])
    return known | {"partner_names": [row["name"] for row in partners]}
