"""One kind of state in one table: many rows per statement, matched by column name, never by position."""

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

import msgspec

from shared.postgres.pool import Connection

S = TypeVar("S", bound=msgspec.Struct)


class JsonTable(Generic[S]):
    """Loads and saves the states whose entity keys begin with `prefix`.

    `load` takes `$1::text[]`, entity keys, and returns a row for each state that exists: a column `key`, and one for each field of
    `state_type` (nested structs as `jsonb`). `save` takes JSON text, an array of states as objects with their fields' names.
    It reads a few columns by `json_to_recordset($1::json)`, and wide states by `jsonb_to_recordset($1::text::jsonb)`, which finds
    each column without reading the text again. Do not write `$1::jsonb` here: the pool's codec would encode the text again, as one
    JSON string.
    """

    def __init__(self, prefix: str, state_type: type[S], *, load: str, save: str) -> None:
        self.prefix, self._state_type, self._load, self._save = prefix, state_type, load, save

    async def load(self, db: Connection, keys: Sequence[str]) -> Mapping[str, S]:
        """Return the states that exist, by entity key. Raises `msgspec.ValidationError` if a row does not fit the state."""
        rows = await db.fetch(self._load, keys)
        return {row["key"]: msgspec.convert(dict(row), self._state_type) for row in rows}

    async def save(self, db: Connection, changed: Mapping[str, S]) -> None:
        """Insert or update all of them in one statement."""
        await db.execute(self._save, msgspec.json.encode(list(changed.values())).decode())
