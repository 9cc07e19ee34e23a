"""Matching's states in PostgreSQL, and its requests for shortlists.

Values that no statement searches (a profile, an opened vacancy, a proposal) are stored as the JSON of their type. `JsonTable` would
take that JSON apart and build it again: 44 µs to load and save a vacancy instead of 27, at 500 in one statement.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

import msgspec

from services.matching.domain.effects import RecordPoolChange, RequestShortlist
from services.matching.domain.expert import Expert, OpenProposal, Placement
from services.matching.domain.pool_query import MASK_BITS, SHORTLIST_SIZE, PoolQuery, trait_bits
from services.matching.domain.shortlist import CandidateIds
from services.matching.domain.vacancy import Proposal, Vacancy
from shared.messages.envelope import Envelope
from shared.messages.ids import entity_key
from shared.messages.intake import ExpertRegistered, VacancyOpened
from shared.pipeline.decider import Effect
from shared.pipeline.runner import EffectHandler
from shared.postgres.named_queries import load_queries
from shared.postgres.pool import Connection

SQL = load_queries(__file__)
DEBOUNCE_INTERVAL: Final = timedelta(milliseconds=300)
"""The time that a requested shortlist waits for further changes."""

_encode = msgspec.json.Encoder().encode
_decode_profile = msgspec.json.Decoder(ExpertRegistered).decode
_decode_open_proposals = msgspec.json.Decoder(tuple[OpenProposal, ...]).decode
_decode_placement = msgspec.json.Decoder(Placement).decode
_decode_opened = msgspec.json.Decoder(VacancyOpened).decode
_decode_experts = msgspec.json.Decoder(tuple[UUID, ...]).decode
_decode_proposal = msgspec.json.Decoder(Proposal).decode


class ExpertRow(NamedTuple):
    """The parameters of `save_experts`, in their order (`test_rows_have_the_order_of_their_statement`)."""

    expert: UUID
    policy_version: int
    profile: str | None
    open_proposals: str
    placed_match: UUID | None
    placement: str | None
    hours_min: int | None
    hours_max: int | None
    available_from: date | None
    regions: str | None
    traits: str | None
    possible_duplicates: str | None

    @classmethod
    def of(cls, state: Expert) -> Self:
        profile = state.profile
        return cls(
            expert=state.expert,
            policy_version=state.policy_version,
            profile=_json(profile) if profile else None,
            open_proposals=_json(state.open_proposals),
            placed_match=state.placed_match,
            placement=_json(state.placement) if state.placement else None,
            hours_min=profile.hours_min if profile else None,
            hours_max=profile.hours_max if profile else None,
            available_from=profile.available_from if profile else None,
            regions=",".join(profile.regions) if profile else None,
            traits=_bit_text(trait_bits(profile)) if profile else None,
            possible_duplicates=",".join(map(str, state.possible_duplicates)) or None,
        )


class VacancyRow(NamedTuple):
    """The parameters of `save_vacancies`, in their order (`test_rows_have_the_order_of_their_statement`)."""

    vacancy: UUID
    policy_version: int
    opened: str | None  # the table refuses None: only an opened vacancy has a row
    last_request_number: int
    revision: int
    eligible_count: int
    candidate_ids: str
    shortlist_digest: str
    declined_experts: str
    proposal_count: int
    proposal: str | None
    placed_expert: UUID | None

    @classmethod
    def of(cls, state: Vacancy) -> Self:
        return cls(
            vacancy=state.vacancy,
            policy_version=state.policy_version,
            opened=_json(state.opened) if state.opened else None,
            last_request_number=state.last_request_number,
            revision=state.revision,
            eligible_count=state.eligible_count,
            candidate_ids=state.candidate_ids.text,
            shortlist_digest=state.shortlist_digest,
            declined_experts=_json(state.declined_experts),
            proposal_count=state.proposal_count,
            proposal=_json(state.proposal) if state.proposal else None,
            placed_expert=state.proposal.expert if state.proposal and state.filled else None,
        )


class ExpertTable:
    """States of experts."""

    prefix = "expert"

    async def load(self, db: Connection, keys: Sequence[str]) -> Mapping[str, Expert]:
        rows = await db.fetch(SQL["load_experts"], _ids(keys))
        return {entity_key("expert", row["expert"]): _expert(row) for row in rows}

    async def save(self, db: Connection, changed: Mapping[str, Expert]) -> None:
        await db.execute(SQL["save_experts"], *_columns(map(ExpertRow.of, changed.values())))


class VacancyTable:
    """States of vacancies."""

    prefix = "vacancy"

    async def load(self, db: Connection, keys: Sequence[str]) -> Mapping[str, Vacancy]:
        rows = await db.fetch(SQL["load_vacancies"], _ids(keys))
        return {entity_key("vacancy", row["vacancy"]): _vacancy(row) for row in rows}

    async def save(self, db: Connection, changed: Mapping[str, Vacancy]) -> None:
        await db.execute(SQL["save_vacancies"], *_columns(map(VacancyRow.of, changed.values())))


EXPERTS, VACANCIES = ExpertTable(), VacancyTable()
STORES: Final = (EXPERTS, VACANCIES)


async def request_shortlists(db: Connection, effects: Sequence[tuple[Envelope[Any], RequestShortlist]]) -> None:
    """Request one more shortlist for each vacancy."""
    rows = ((effect.vacancy, cause.id, cause.correlationid or cause.id) for cause, effect in effects)
    await db.execute(SQL["request_shortlists"], *_columns(rows), DEBOUNCE_INTERVAL)


async def record_pool_change(db: Connection, effects: Sequence[tuple[Envelope[Any], RecordPoolChange]]) -> None:
    """Record, once for all effects, that the pool has changed."""
    await db.execute(SQL["record_pool_change"])


EFFECT_HANDLERS: Final[Mapping[type[Effect], EffectHandler]] = {
    RequestShortlist: request_shortlists,
    RecordPoolChange: record_pool_change,
}


class PoolMember(NamedTuple):
    """An expert in the pool."""

    profile: ExpertRegistered
    possible_duplicates: tuple[UUID, ...]


def _member(row: Any) -> PoolMember:
    return PoolMember(_decode_profile(row["profile"]), tuple(row["possible_duplicates"] or ()))


async def top_candidates(db: Connection, query: PoolQuery, excluded: Sequence[UUID]) -> tuple[int, list[PoolMember]]:
    """Return how many experts of the pool are eligible, and the best `SHORTLIST_SIZE` of them, the best first."""
    rows = await db.fetch(
        SQL["top_candidates"],
        *map(_bit_text, (query.mask_1, query.mask_2, query.mask_4, query.mask_8)),
        None if query.language_mask is None else _bit_text(query.language_mask),
        query.region,
        query.region_points,
        query.hours,
        query.starts_on,
        query.on_time_points,
        query.available_by,
        excluded,
        SHORTLIST_SIZE,
    )
    return (rows[0]["eligible_count"] if rows else 0), [_member(row) for row in rows]


def _expert(row: Any) -> Expert:
    profile, placement = row["profile"], row["placement"]
    return Expert(
        expert=row["expert"],
        policy_version=row["policy_version"],
        profile=_decode_profile(profile) if profile else None,
        open_proposals=_decode_open_proposals(row["open_proposals"]),
        placement=_decode_placement(placement) if placement else None,
        possible_duplicates=tuple(row["possible_duplicates"] or ()),
    )


def _vacancy(row: Any) -> Vacancy:
    proposal = row["proposal"]
    return Vacancy(
        vacancy=row["vacancy"],
        policy_version=row["policy_version"],
        opened=_decode_opened(row["opened"]),
        last_request_number=row["last_request_number"],
        revision=row["revision"],
        eligible_count=row["eligible_count"],
        candidate_ids=CandidateIds(row["candidate_ids"]),
        shortlist_digest=row["shortlist_digest"],
        declined_experts=_decode_experts(row["declined_experts"]),
        proposal_count=row["proposal_count"],
        proposal=_decode_proposal(proposal) if proposal else None,
        filled=row["placed_expert"] is not None,
    )


def _bit_text(mask: int) -> str:
    """Return a mask as PostgreSQL writes a bit string."""
    return f"{mask:0{MASK_BITS}b}"


def _json(value: Any) -> str:
    return _encode(value).decode()


def _ids(keys: Sequence[str]) -> list[str]:
    return [key.partition("/")[2] for key in keys]


def _columns(rows: Iterable[tuple[Any, ...]]) -> Iterable[tuple[Any, ...]]:
    return zip(*rows, strict=True)
