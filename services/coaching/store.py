"""Coaching's states in rows and back. Rows travel as JSON, many at a time."""

from collections.abc import Mapping, Sequence

import msgspec

from services.coaching.domain.states import Readiness, Tandem
from shared.postgres.named_queries import load_queries
from shared.postgres.pool import Connection

SQL = load_queries(__file__)


class Tandems:
    """`tandem/…`"""

    prefix = "tandem"

    async def load(self, db: Connection, keys: Sequence[str]) -> Mapping[str, Tandem]:
        rows = await db.fetch(SQL["load_tandems"], [key.partition("/")[2] for key in keys])
        return {key: _TANDEM.decode(state) for key, state in rows}

    async def save(self, db: Connection, changed: Mapping[str, Tandem]) -> None:
        await db.execute(SQL["save_tandems"], _json(changed))


class Readinesses:
    """`organisation/…` or `vacancy/…`: one table, as both only miss items."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    async def load(self, db: Connection, keys: Sequence[str]) -> Mapping[str, Readiness]:
        rows = await db.fetch(SQL["load_readiness"], keys)
        return {about: Readiness(about, tuple(b), tuple(s)) for about, b, s in rows}

    async def save(self, db: Connection, changed: Mapping[str, Readiness]) -> None:
        await db.execute(SQL["save_readiness"], _json(changed))


_TANDEM = msgspec.json.Decoder(Tandem)


def _json(changed: Mapping[str, Tandem | Readiness]) -> str:
    return msgspec.json.encode(list(changed.values())).decode()
