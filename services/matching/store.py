"""Matching's states in rows and back, and what its decisions ask of its own tables.

What no statement looks into (a profile, what is sought, a proposal) is kept as the JSON of its message: nobody takes it apart and
puts it together again but the rules' own types, in one pass.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from services.matching.domain.pool_query import WIDTH, trait_bits
from services.matching.domain.states import Expert, Proposal, RecordPoolChange, RequestShortlist, Vacancy
from shared.messages.envelope import Envelope, entity_key
from shared.messages.intake import ExpertRegistered, VacancyOpened
from shared.postgres.named_queries import load_queries
from shared.postgres.pool import Connection

SQL = load_queries(__file__)


class Experts:
    """`expert/…`"""

    prefix = "expert"

    async def load(self, db: Connection, keys: Sequence[str]) -> Mapping[str, Expert]:
        rows = await db.fetch(SQL["load_experts"], _ids(keys))
        return {entity_key("expert", row[0]): _expert(*row) for row in rows}

    async def save(self, db: Connection, changed: Mapping[str, Expert]) -> None:
        await db.execute(SQL["save_experts"], *_columns(map(_expert_row, changed.values())))


class Vacancies:
    """`vacancy/…`"""

    prefix = "vacancy"

    async def load(self, db: Connection, keys: Sequence[str]) -> Mapping[str, Vacancy]:
        rows = await db.fetch(SQL["load_vacancies"], _ids(keys))
        return {entity_key("vacancy", row[0]): _vacancy(*row) for row in rows}

    async def save(self, db: Connection, changed: Mapping[str, Vacancy]) -> None:
        await db.execute(SQL["save_vacancies"], *_columns(map(_vacancy_row, changed.values())))


async def request_shortlists(db: Connection, asked: Sequence[tuple[Envelope[Any], RequestShortlist]]) -> None:
    """Asks for one more draw of each vacancy."""
    wanted = ((effect.vacancy, cause.id, cause.correlationid or cause.id) for cause, effect in asked)
    await db.execute(SQL["want_draws"], *_columns(wanted))


async def record_pool_change(db: Connection, asked: Sequence[tuple[Envelope[Any], RecordPoolChange]]) -> None:
    """Writes down once that the pool has changed."""
    await db.execute(SQL["note_change"])


def bits(mask: int) -> str:
    """A mask as PostgreSQL writes a bit string."""
    return f"{mask:0{WIDTH}b}"


profile = msgspec.json.Decoder(ExpertRegistered).decode
_sought = msgspec.json.Decoder(VacancyOpened).decode
_proposal = msgspec.json.Decoder(Proposal).decode
_declined = msgspec.json.Decoder(tuple[UUID, ...]).decode
_proposed = msgspec.json.Decoder(tuple[tuple[UUID, UUID], ...]).decode


def _expert(id: UUID, policy: int, known: str | None, proposed: str, placed: UUID | None) -> Expert:
    return Expert(id, policy, profile(known) if known else None, _proposed(proposed), placed)


def _expert_row(state: Expert) -> tuple[Any, ...]:
    known = state.profile
    searched = known and (known.hours_min, known.hours_max, known.available_from, ",".join(known.regions), bits(trait_bits(known)))
    return state.expert, state.policy, _json(known), _json(state.proposed), state.placed, *(searched or [None] * 5)


def _vacancy(
    id: UUID, policy: int, sought: str, drawn: int, revision: int, eligible_count: int, listed: str, reasons: str, declined: str,
    proposals: int, proposal: str | None, filled: bool,
) -> Vacancy:  # fmt: skip
    return Vacancy(
        id, policy, _sought(sought), drawn, revision, eligible_count, listed, reasons, _declined(declined), proposals,
        _proposal(proposal) if proposal else None, filled,
    )  # fmt: skip


def _vacancy_row(state: Vacancy) -> tuple[Any, ...]:
    return (
        state.vacancy, state.policy, _json(state.sought), state.drawn, state.revision, state.eligible_count, state.listed,
        state.reasons, _json(state.declined), state.proposals, _json(state.proposal),
        state.proposal.expert if state.proposal and state.filled else None,
    )  # fmt: skip


_encode = msgspec.json.Encoder().encode


def _json(value: Any) -> str | None:
    return None if value is None else _encode(value).decode()


def _ids(keys: Sequence[str]) -> list[str]:
    return [name.partition("/")[2] for name in keys]


def _columns(rows: Iterable[tuple[Any, ...]]) -> Iterable[tuple[Any, ...]]:
    return zip(*rows, strict=True)
