"""What notify knows about some subjects: their states, what people wrote, and how people are called."""

from collections.abc import Iterable
from typing import TypeVar, cast
from uuid import UUID

from services.notify.domain import KINDS, State, initial
from services.notify.store import ROWS, SQL
from shared.database import Connection

S = TypeVar("S", bound=State)


class Known:
    """Grows by `look` and `look_for_places`; without a connection it holds what it was given. The rest reads as nothing."""

    def __init__(self, db: Connection | None) -> None:
        self.db = db
        self.places: dict[str, list[str]] = {}
        self.states: dict[str, State] = {}
        self.texts: dict[tuple[str, str], str] = {}
        self.contacts: dict[tuple[str, str, int], tuple[str, str | None]] = {}

    async def look(self, keys: Iterable[str]) -> None:
        """Reads the states, words and contacts of these keys."""
        new = sorted({key for key in keys if key.partition("/")[0] in KINDS} - self.states.keys())
        if not new or self.db is None:
            return
        self.states |= {key: initial(key) for key in new}
        for rows in ROWS:
            if mine := [key for key in new if key.startswith(f"{rows.prefix}/")]:
                self.states |= await rows.load(self.db, mine)
        for row in await self.db.fetch(SQL["texts"], new):
            self.texts[row["about"], row["field"]] = row["text"]
        for row in await self.db.fetch(SQL["contacts"], new):
            self.contacts[row["about"], row["role"], row["nth"]] = row["name"], row["phone"]

    async def look_for_places(self, organisation: str) -> list[str]:
        """The keys of an organisation's vacancies, known from then on."""
        if self.db and organisation not in self.places:
            rows = await self.db.fetch(SQL["places"], UUID(organisation.partition("/")[2]))
            self.places[organisation] = [row["key"] for row in rows]
        found = self.places.get(organisation, [])
        await self.look(found)
        return found

    def state(self, key: str, kind: type[S]) -> S:
        """The state of a key that was looked up."""
        return cast(S, self.states[key])

    def text(self, about: str, field: str) -> str:
        """What somebody wrote, or nothing."""
        return self.texts.get((about, field), "")

    def name(self, about: str, role: str, nth: int = 0) -> str:
        """How somebody is called, or nothing."""
        return self.contacts.get((about, role, nth), ("", None))[0]

    def names(self, about: str, role: str) -> list[str]:
        """How all in this role are called, in their order."""
        return [name for (subject, as_, _), (name, _) in sorted(self.contacts.items()) if (subject, as_) == (about, role)]
