"""Matching's states in rows and back, and what its decisions ask of its own tables. Rows travel as JSON, many at a time."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from services.matching.pool import WIDTH, traits
from services.matching.states import DrawWanted, Expert, PoolChanged, Vacancy
from shared.database import Connection
from shared.messages.envelope import Envelope
from shared.sql import queries

SQL = queries(__file__)


class Experts:
    """`expert/…`"""

    prefix = "expert"

    async def load(self, db: Connection, keys: Sequence[str]) -> Mapping[str, Expert]:
        rows = await db.fetch(SQL["load_experts"], _ids(keys))
        return {key: _EXPERT.decode(state) for key, state in rows}

    async def save(self, db: Connection, changed: Mapping[str, Expert]) -> None:
        coded = [bits(traits(expert.profile)) if expert.profile else None for expert in changed.values()]
        await db.execute(SQL["save_experts"], _json(changed), coded)


class Vacancies:
    """`vacancy/…`"""

    prefix = "vacancy"

    async def load(self, db: Connection, keys: Sequence[str]) -> Mapping[str, Vacancy]:
        rows = await db.fetch(SQL["load_vacancies"], _ids(keys))
        return {key: _VACANCY.decode(state) for key, state in rows}

    async def save(self, db: Connection, changed: Mapping[str, Vacancy]) -> None:
        await db.execute(SQL["save_vacancies"], _json(changed))


async def want_draws(db: Connection, asked: Sequence[tuple[Envelope[Any], DrawWanted]]) -> None:
    """Asks for one more draw of each vacancy."""
    wanted = [(effect.vacancy, cause.id, cause.correlationid or cause.id) for cause, effect in asked]
    await db.execute(SQL["want_draws"], *map(list, zip(*wanted, strict=True)))


async def note_change(db: Connection, asked: Sequence[tuple[Envelope[Any], PoolChanged]]) -> None:
    """Writes down once that the pool has changed."""
    await db.execute(SQL["note_change"])


def bits(mask: int) -> str:
    """A mask as PostgreSQL writes a bit string."""
    return f"{mask:0{WIDTH}b}"


_EXPERT, _VACANCY = msgspec.json.Decoder(Expert), msgspec.json.Decoder(Vacancy)


def _ids(keys: Sequence[str]) -> list[str]:
    return [key.partition("/")[2] for key in keys]


def _json(changed: Mapping[str, Expert | Vacancy]) -> str:
    return msgspec.json.encode(list(changed.values())).decode()
