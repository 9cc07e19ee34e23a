"""Resolve queued emails at the moment of sending: look up names, addresses and links, or find that an email is obsolete."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from services.notify.contacts import ContactDirectory
from services.notify.domain.inputs import SkipReason
from services.notify.domain.people import Person, is_former
from services.notify.emails.queue import PendingEmail, person_in
from services.notify.emails.render import Reader, ResolvedEmail
from services.notify.links import ROLES, Links
from services.notify.page_routes import purpose_of
from services.notify.store import SQL
from services.notify.templating import required_names
from shared.error_text import safe_error_text
from shared.log import log
from shared.postgres.pool import Connection
from shared.programme.email_address import normalise
from shared.programme.policy import Policy

NAMED_ENTITIES = ("organisation", "vacancy", "expert")


class Ready(NamedTuple):
    """The email can be sent to a recipient, given as the digest of name and address."""

    email: ResolvedEmail
    recipient: str


class Skip(NamedTuple):
    """The email is not to be sent."""

    reason: SkipReason


class NotYetKnown(NamedTuple):
    """The contact, or a name that the email mentions, has not arrived yet."""


class BadAddress(NamedTuple):
    """The address is not one plain address, so a mail server might deliver the email to another person."""

    address_tag: str


class Faulty(NamedTuple):
    """The email's data or template has a fault."""


Resolution = Ready | Skip | NotYetKnown | BadAddress | Faulty


class SameCauseEmail(NamedTuple):
    """An email with the same cause and template; `attempted` if it was sent, or may have been."""

    id: UUID
    cause: UUID
    template: str
    to: Person
    attempted: bool


class EvaluationStatus(NamedTuple):
    """The latest sequence of an evaluation; `held` if it was completed."""

    sequence: int
    held: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Database state that a batch of emails depends on."""

    contacts: ContactDirectory
    same_cause: Sequence[SameCauseEmail]
    evaluations: Mapping[str, EvaluationStatus]
    vacancy_names: Mapping[str, Mapping[str, Any]]
    """Tasks, hours and missing readiness items of the open vacancies, by key."""


async def resolve(db: Connection, emails: Sequence[PendingEmail], policy: Policy, links: Links, now: datetime) -> list[Resolution]:
    """Return the resolution of each email at `now` (aware), in the same order."""
    snapshot = await _load(db, emails, policy)
    duplicates = duplicate_recipients(emails, snapshot.same_cause, snapshot.contacts)
    return [_isolated(email, lambda email: _resolve(email, snapshot, duplicates, links, now)) for email in emails]


def _isolated(email: PendingEmail, resolve_one: Callable[[PendingEmail], Resolution]) -> Resolution:
    """Keep an error with its email, so that the others are sent."""
    try:
        return resolve_one(email)
    except Exception as error:
        log.error("email_not_resolved", template=email.template, error=type(error).__name__, detail=safe_error_text(error))
        return Faulty()


async def _load(db: Connection, emails: Sequence[PendingEmail], policy: Policy) -> Snapshot:
    causes, templates = [email.cause for email in emails], [email.template for email in emails]
    same_cause = [
        SameCauseEmail(row["id"], row["cause"], row["template"], person_in(row), row["attempted"])
        for row in await db.fetch(SQL["load_same_cause_emails"], causes, templates)
    ]
    keys = sorted({key for email in emails for key in _lookup_keys(email)} | {other.to.subject for other in same_cause})
    contacts = ContactDirectory(policy)
    await contacts.load(db, keys)
    evaluations = await db.fetch(SQL["load_evaluation_status"], [email.about for email in emails])
    vacancies = await db.fetch(SQL["load_open_vacancies"], keys)
    return Snapshot(
        contacts,
        same_cause,
        {row["key"]: EvaluationStatus(row["sequence"], row["held"]) for row in evaluations},
        {
            row["key"]: {
                "tasks": [task["category"] for task in row["tasks"]],
                "hours": row["hours"],
                "still_open": row["still_open"],
            }
            for row in vacancies
        },
    )


def _lookup_keys(email: PendingEmail) -> Iterator[str]:
    yield email.to.subject
    for prefix in NAMED_ENTITIES:
        if prefix in email.facts:
            yield f"{prefix}/{email.facts[prefix]}"


def _resolve(email: PendingEmail, snapshot: Snapshot, duplicates: Collection[UUID], links: Links, now: datetime) -> Resolution:
    if reason := skip_reason(email, snapshot.evaluations.get(email.about), now):
        return Skip(reason)
    if email.id in duplicates:
        return Skip("duplicate_recipient")
    return _look_up(email, snapshot, links, now)


def skip_reason(email: PendingEmail, evaluation: EvaluationStatus | None, now: datetime) -> SkipReason | None:
    """Return the reason to skip an obsolete email at `now`, or None if it is to be sent."""
    if email.expires_at and email.expires_at <= now:
        return "expired"
    if evaluation is None or not email.template.startswith("evaluation_"):
        return None
    if evaluation.held:
        return "already_held"
    return "rescheduled" if evaluation.sequence > email.facts["sequence"] else None


def duplicate_recipients(
    emails: Iterable[PendingEmail], same_cause: Collection[SameCauseEmail], contacts: ContactDirectory
) -> set[UUID]:
    """Return the emails whose recipient gets the same email in another role; of several waiting ones the first role's is sent.

    Two people who share a mailbox each get their own.
    """
    return {email.id for email in emails if not email.attempts and _is_duplicate(email, same_cause, contacts)}


def _is_duplicate(email: PendingEmail, same_cause: Collection[SameCauseEmail], contacts: ContactDirectory) -> bool:
    recipient = _identity(email.to, contacts)
    return recipient is not None and any(
        other.attempted or _rank(other.to) < _rank(email.to)
        for other in same_cause
        if other.id != email.id
        and (other.cause, other.template) == (email.cause, email.template)
        and _identity(other.to, contacts) == recipient
    )


def _identity(person: Person, contacts: ContactDirectory) -> tuple[str, str] | None:
    contact = contacts.contact(person)
    return (contact.name.casefold(), contact.email.strip().lower()) if contact else None


def _rank(person: Person) -> tuple[int, int]:
    return ROLES.index(person.role), person.nth


def _look_up(email: PendingEmail, snapshot: Snapshot, links: Links, now: datetime) -> Resolution:
    contact, names = snapshot.contacts.contact(email.to), _names(email, snapshot)
    if contact is None or not required_names(email.template) <= names.keys():
        return NotYetKnown()
    try:
        address = normalise(contact.email)
    except ValueError:
        return BadAddress(links.recipient_tag(contact.email).hex())
    page_url, help_url = _urls(email, links, contact.email)
    return Ready(
        ResolvedEmail(
            id=email.id,
            template=email.template,
            about=email.about,
            role=email.to.role,
            facts=email.facts,
            requested_at=email.requested_at,
            now=now,
            reader=Reader(contact.name, address, contact.language, contact.zone),
            names=names,
            page_url=page_url,
            help_url=help_url,
        ),
        contact.digest,
    )


def _urls(email: PendingEmail, links: Links, address: str) -> tuple[str, str]:
    """Return the links to the email's page and to help; a person who left gets none."""
    if is_former(email.to):
        return "", ""
    purpose = purpose_of(email.template, email.facts)
    about = f"organisation/{email.facts['organisation']}" if purpose == "stappen" and "organisation" in email.facts else email.about
    link = links.issue(purpose, about, email.to, address)
    return links.url_for(link), links.url_for(link._replace(purpose="hulp"))


def _names(email: PendingEmail, snapshot: Snapshot) -> Mapping[str, Any]:
    """Return the display names known so far. A vacancy that is not open yet has none."""
    organisation, vacancy, expert = (f"{prefix}/{email.facts.get(prefix)}" for prefix in NAMED_ENTITIES)
    names = dict(snapshot.contacts.display_names(organisation, vacancy, expert, email.facts.get("partners", 0)))
    names.setdefault("coordinator_phone", None)
    if vacancy not in snapshot.vacancy_names:
        names.pop("vacancy_title", None)
        return names
    return {**names, **snapshot.vacancy_names[vacancy]}
