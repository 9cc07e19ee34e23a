"""From a letter's row to a draft with names, address and links, looked up at the moment of sending; or why it is not sent."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record as Row

from services.notify.contacts import ContactDirectory
from services.notify.domain.inputs import SkipReason
from services.notify.domain.people import Person
from services.notify.emails.render import Reader, ResolvedEmail, needs
from services.notify.links import ROLES, Links
from services.notify.page_routes import purpose_of
from services.notify.store import SQL
from shared.postgres.pool import Connection
from shared.programme.policy import Policy

THINGS = ("organisation", "vacancy", "expert")
Stored = Mapping[str, Any]
Resolution = ResolvedEmail | SkipReason | None
"""A draft; or why the letter is not to be sent; or None while its person or words are not known yet."""


async def resolve(db: Connection, claimed: Sequence[Row], policy: Policy, links: Links, now: datetime) -> list[Resolution]:
    """What becomes of each letter at this moment (aware), in their order."""
    letters = [dict(row) for row in claimed]
    beside = await db.fetch(SQL["same_cause_emails"], [it["cause"] for it in letters], [it["template"] for it in letters])
    siblings = [dict(row) for row in beside]
    keys = sorted({key for it in letters for key in _keys(it)} | {it["subject"] for it in siblings})
    names = ContactDirectory(policy)
    await names.load(db, keys)
    talks = {row["key"]: dict(row) for row in await db.fetch(SQL["evaluation_status"], [it["about"] for it in letters])}
    sought = {row["key"]: row for row in await db.fetch(SQL["open_vacancies"], keys)}
    doubled = duplicate_recipients(letters, siblings, names)
    return [
        skip_reason(it, talks.get(it["about"]), now)
        or ("duplicate_recipient" if it["id"] in doubled else None)
        or _draft(it, names, _template_context(it, names, sought), links, now)
        for it in letters
    ]


def _keys(letter: Stored) -> Iterable[str]:
    yield letter["subject"]
    for thing in THINGS:
        if thing in letter["facts"]:
            yield f"{thing}/{letter['facts'][thing]}"


def skip_reason(letter: Stored, talk: Stored | None, now: datetime) -> SkipReason | None:
    """Why this letter would say what is no longer so. What the calendar of a talk says is settled by its `sequence`."""
    if letter["expires_at"] and letter["expires_at"] <= now:
        return "expired"
    if talk is None or not letter["template"].startswith("evaluation_"):
        return None
    if talk["held"]:
        return "already_held"
    return "rescheduled" if talk["sequence"] > letter["facts"]["sequence"] else None


def duplicate_recipients(letters: Iterable[Stored], siblings: Iterable[Stored], names: ContactDirectory) -> set[UUID]:
    """The letters whose reader gets the same one in another role: of those that wait, the first role's is sent."""
    doubled = set[UUID]()
    beside = list(siblings)
    for letter in letters:
        mine = _address(letter, names)
        same = [
            other
            for other in beside
            if other["id"] != letter["id"]
            and (other["cause"], other["template"]) == (letter["cause"], letter["template"])
            and mine == _address(other, names)
        ]
        if mine and not letter["send_attempts"] and any(other["attempted"] or _place(other) < _place(letter) for other in same):
            doubled.add(letter["id"])
    return doubled


def _address(letter: Stored, names: ContactDirectory) -> str:
    contact = names.contact(_person(letter))
    return contact.email.strip().lower() if contact else ""


def _place(letter: Stored) -> tuple[int, int]:
    return ROLES.index(letter["role"]), letter["recipient_index"]


def _person(letter: Stored) -> Person:
    return Person(letter["subject"], letter["role"], letter["recipient_index"])


def _draft(letter: Stored, names: ContactDirectory, called: Mapping[str, Any], links: Links, now: datetime) -> ResolvedEmail | None:
    person = _person(letter)
    contact = names.contact(person)
    if contact is None or not needs(letter["template"]) <= called.keys():
        return None
    purpose = purpose_of(letter["template"])
    about = f"organisation/{letter['facts']['organisation']}" if purpose == "stappen" else letter["about"]
    page = links.issue(purpose, about, person, contact.email)
    return ResolvedEmail(
        letter["id"],
        letter["template"],
        letter["about"],
        letter["role"],
        letter["facts"],
        letter["requested_at"],
        now,
        Reader(contact.name, contact.email, contact.language, contact.zone),
        called,
        links.url_for(page),
        links.url_for(page._replace(purpose="hulp")),
    )


def _template_context(letter: Stored, names: ContactDirectory, sought: Mapping[str, Row]) -> Mapping[str, Any]:
    """What is called how, and the work of a vacancy with what it still waits for: it counts once it is open, as on its page."""
    organisation, vacancy, expert = (f"{thing}/{letter['facts'].get(thing)}" for thing in THINGS)
    called = dict(names.display_names(organisation, vacancy, expert, letter["facts"].get("partners", 0)))
    called.setdefault("coordinator_phone", None)
    if vacancy not in sought:
        called.pop("vacancy_title", None)
        return called
    found = sought[vacancy]
    tasks = [task["category"] for task in found["tasks"]]
    return called | {"tasks": tasks, "hours": found["hours"], "still_open": found["still_open"]}
