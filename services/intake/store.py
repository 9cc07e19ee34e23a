"""Intake's states as rows and back, many at a time: what is loaded stands in the order of the state's fields, its id first."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from services.intake.domain.states import AcceptedEvent, Expert, KeyedState, Organisation, Vacancy
from shared.messages.envelope import entity_key
from shared.postgres.named_queries import load_queries
from shared.postgres.pool import Connection

SQL = load_queries(__file__)
K = TypeVar("K", bound=KeyedState)


class Table(Generic[K]):
    """One kind of state; its statements are `load_<name>` and `save_<name>`."""

    def __init__(self, kind: type[K], prefix: str, name: str) -> None:
        self.prefix = prefix
        self._kind: Callable[..., K] = kind
        self._load, self._save = SQL[f"load_{name}"], SQL[f"save_{name}"]

    async def load(self, db: Connection, keys: Sequence[str]) -> Mapping[str, K]:
        """The states that exist, by key."""
        rows = await db.fetch(self._load, [name.partition("/")[2] for name in keys])
        return {(name := entity_key(self.prefix, row[0])): self._kind(name, *map(_from_column, row[1:])) for row in rows}

    async def save(self, db: Connection, changed: Mapping[str, K]) -> None:
        """All of them at once, as one JSON: that costs this process a third of what arrays of columns do."""
        await db.execute(self._save, _to_json(list(changed.values())).decode())


STORES = (
    Table(Organisation, "organisation", "organisations"),
    Table(Vacancy, "vacancy", "vacancies"),
    Table(Expert, "expert", "experts"),
    Table(AcceptedEvent, "submission", "submissions"),
)

_to_json = msgspec.json.Encoder().encode


def _from_column(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
