"""Rows to states and back; the letters, contacts and texts that a decision asks for."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from services.notify.domain.decider import KINDS, State
from services.notify.domain.effects import SaveContact, SaveText
from services.notify.domain.emails import SendEmail
from shared.messages.envelope import Envelope
from shared.postgres.named_queries import load_queries
from shared.postgres.pool import Connection

SQL = load_queries(__file__)
S = TypeVar("S", bound=State)
TABLES = {
    "organisation": "organisations",
    "expert": "experts",
    "vacancy": "vacancies",
    "match": "proposals",
    "tandem": "tandems",
    "letter": "letters",
}


class Table(Generic[S]):
    """One kind of state in its table. A state travels as JSON, and its columns are named in the statement."""

    def __init__(self, prefix: str, kind: type[S]) -> None:
        self.prefix, self.kind, self.table = prefix, kind, TABLES[prefix]

    async def load(self, db: Connection, keys: Sequence[str]) -> Mapping[str, S]:
        """The states that exist, by key."""
        rows = await db.fetch(SQL[f"load_{self.table}"], keys)
        return {row["key"]: msgspec.convert(dict(row), self.kind) for row in rows}

    async def save(self, db: Connection, changed: Mapping[str, S]) -> None:
        """All of them at once."""
        await db.execute(SQL[f"save_{self.table}"], list(changed.values()))


STORES = [Table(prefix, kind) for prefix, kind in KINDS.items()]


async def insert_emails(db: Connection, pairs: Sequence[tuple[Envelope[Any], SendEmail]]) -> None:
    """Writes letters down, to be sent by the sender."""
    await db.execute(SQL["add_letters"], [_row(cause, letter) for cause, letter in pairs])


def _row(cause: Envelope[Any], letter: SendEmail) -> dict[str, Any]:
    return {
        "id": letter.id,
        "cause": letter.cause,
        "correlation": cause.correlationid or cause.id,
        "traceparent": cause.traceparent,
        "template": letter.template,
        "subject": letter.to.subject,
        "role": letter.to.role,
        "nth": letter.to.nth,
        "about": letter.about,
        "facts": letter.facts,
        "time": cause.time,
        "until": letter.until,
    }


async def save_contacts(db: Connection, pairs: Sequence[tuple[Envelope[Any], SaveContact]]) -> None:
    """From now on these people are reached here."""
    await db.execute(SQL["keep_contacts"], [kept.contact for _, kept in pairs])


async def save_texts(db: Connection, pairs: Sequence[tuple[Envelope[Any], SaveText]]) -> None:
    """From now on these are the words."""
    await db.execute(SQL["keep_texts"], [{"about": t.about, "field": t.field, "text": t.text} for _, t in pairs])
