"""The data that a page reads: states, contacts and texts, loaded by entity key."""

from collections.abc import Iterable
from typing import TypeVar, cast
from uuid import UUID

from services.notify.contacts import ContactDirectory
from services.notify.domain.decider import STATE_TYPES, State, initial_state
from services.notify.store import SQL, STORES
from shared.postgres.pool import Connection
from shared.programme.policy import Policy

S = TypeVar("S", bound=State)


class PageData:
    """A cache for one request, filled by `load` and `load_vacancies`; without a connection (in tests) it is filled directly."""

    def __init__(self, db: Connection | None, policy: Policy) -> None:
        self.db = db
        self.directory = ContactDirectory(policy)
        self.states: dict[str, State] = {}
        self.vacancies: dict[str, list[str]] = {}

    async def load(self, keys: Iterable[str]) -> None:
        """Load the states, texts and contacts of these keys, unless they are loaded; an unknown key gets its initial state."""
        new = sorted({key for key in keys if key.partition("/")[0] in STATE_TYPES} - self.states.keys())
        if not new or self.db is None:
            return
        self.states |= {key: initial_state(key) for key in new}
        for store in STORES:
            if own := [key for key in new if key.startswith(f"{store.prefix}/")]:
                self.states |= await store.load(self.db, own)
        await self.directory.load(self.db, new)

    async def load_vacancies(self, organisation: str) -> list[str]:
        """Load an organisation's vacancies and return their keys in order."""
        if self.db and organisation not in self.vacancies:
            rows = await self.db.fetch(SQL["load_vacancies_of_organisation"], UUID(organisation.partition("/")[2]))
            self.vacancies[organisation] = [row["key"] for row in rows]
        found = self.vacancies.get(organisation, [])
        await self.load(found)
        return found

    def state(self, key: str, kind: type[S]) -> S:
        """Return the state of a loaded key, which is of this kind by its prefix."""
        return cast(S, self.states[key])

    def text(self, about: str, field: str) -> str:
        """Return the free text of a field, or an empty string."""
        return self.directory.text(about, field)
