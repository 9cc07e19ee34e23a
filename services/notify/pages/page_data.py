"""What notify knows about some subjects: their states, what people wrote, and how people are called."""

from collections.abc import Iterable
from typing import TypeVar, cast
from uuid import UUID

from services.notify.contacts import ContactDirectory
from services.notify.domain.decider import KINDS, State, initial_state
from services.notify.store import SQL, STORES
from shared.postgres.pool import Connection
from shared.programme.policy import Policy

S = TypeVar("S", bound=State)


class PageData:
    """Grows by `look` and `look_for_places`; without a connection it holds what it was given. The rest reads as nothing."""

    def __init__(self, db: Connection | None, policy: Policy) -> None:
        self.db = db
        self.names = ContactDirectory(policy)
        self.places: dict[str, list[str]] = {}
        self.states: dict[str, State] = {}

    async def look(self, keys: Iterable[str]) -> None:
        """Reads the states, words and contacts of these keys."""
        new = sorted({key for key in keys if key.partition("/")[0] in KINDS} - self.states.keys())
        if not new or self.db is None:
            return
        self.states |= {key: initial_state(key) for key in new}
        for rows in STORES:
            if mine := [key for key in new if key.startswith(f"{rows.prefix}/")]:
                self.states |= await rows.load(self.db, mine)
        await self.names.look(self.db, new)

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
        return self.names.text(about, field)
