"""Notify's tables: states, and the handlers of its effects."""

from collections.abc import Sequence
from typing import Any

from services.notify.domain.decider import STATE_TYPES, State
from services.notify.domain.effects import EraseContact, SaveContact, SaveText, SendEmail
from shared.messages.envelope import Envelope
from shared.postgres.json_table import JsonTable
from shared.postgres.named_queries import load_queries
from shared.postgres.pool import Connection

SQL = load_queries(__file__)
TABLES = {
    "organisation": "organisations",
    "expert": "experts",
    "vacancy": "vacancies",
    "match": "proposals",
    "tandem": "tandems",
    "email": "emails",
}
STORES: Sequence[JsonTable[State]] = [
    JsonTable(prefix, STATE_TYPES[prefix], load=SQL[f"load_{table}"], save=SQL[f"save_{table}"]) for prefix, table in TABLES.items()
]


async def insert_emails(db: Connection, effects: Sequence[tuple[Envelope[Any], SendEmail]]) -> None:
    """Queue emails for the sender."""
    await db.execute(SQL["insert_emails"], [_email_row(incoming, email) for incoming, email in effects])


def _email_row(incoming: Envelope[Any], email: SendEmail) -> dict[str, Any]:
    return {
        "id": email.id,
        "cause": email.cause,
        "correlation": incoming.correlationid or incoming.id,
        "traceparent": incoming.traceparent,
        "template": email.template,
        "subject": email.to.subject,
        "role": email.to.role,
        "recipient_index": email.to.nth,
        "about": email.about,
        "facts": email.facts,
        "requested_at": incoming.time,
        "expires_at": email.expires_at,
    }


async def save_contacts(db: Connection, effects: Sequence[tuple[Envelope[Any], SaveContact | EraseContact]]) -> None:
    """Store contact data, replacing earlier data of the same person, or erase them; record changed names and addresses."""
    changes = [_change_row(incoming, effect) for incoming, effect in effects if isinstance(effect, SaveContact)]
    await db.execute(SQL["record_contact_changes"], changes)
    await db.execute(SQL["save_contacts"], [_contact_row(effect) for _, effect in effects])


def _contact_row(effect: SaveContact | EraseContact) -> Any:
    if isinstance(effect, SaveContact):
        return effect.contact
    return {"about": effect.about, "role": effect.role, "nth": effect.nth}


def _change_row(incoming: Envelope[Any], effect: SaveContact) -> dict[str, Any]:
    contact = effect.contact
    return {
        "id": incoming.id,
        "correlation": incoming.correlationid or incoming.id,
        "traceparent": incoming.traceparent,
        "about": contact.about,
        "role": contact.role,
        "nth": contact.nth,
        "name": contact.name,
        "email": contact.email,
    }


async def save_texts(db: Connection, effects: Sequence[tuple[Envelope[Any], SaveText]]) -> None:
    """Store free text, replacing earlier text of the same field, or erase it."""
    await db.execute(
        SQL["save_texts"], [{"about": effect.about, "field": effect.field, "text": effect.text} for _, effect in effects]
    )
