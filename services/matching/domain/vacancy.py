"""A vacancy: its shortlist and its one proposal. Pure."""

from collections.abc import Iterator
from datetime import date
from typing import Final, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from services.matching.domain.effects import RequestShortlist
from services.matching.domain.inputs import ShortlistComputed
from services.matching.domain.shortlist import OUTDATED, CandidateIds, shortlist_digest
from shared.messages.code_lists import Side, TandemForm
from shared.messages.envelope import Message
from shared.messages.intake import VacancyOpened
from shared.messages.matching import (
    MatchAnswered,
    MatchDeclined,
    MatchExpired,
    MatchProposed,
    MatchWithdrawn,
    PickRefusal,
    ReplyRefused,
    ShortlistDrawn,
    TandemFormed,
)
from shared.programme.policy import Policy

OUTDATED_BY: Final[tuple[PickRefusal, ...]] = ("expert_unavailable", "not_listed", "possible_duplicate")
"""Refusals of a pick that mean that the mediator's page shows candidates who cannot be picked."""


class Proposal(msgspec.Struct, frozen=True):
    """The open or accepted proposal of a vacancy. The deadlines are local dates in `zone`, inclusive."""

    match: UUID
    expert: UUID
    tandem_form: TandemForm
    starts_on: date
    zone: str
    expert_answers_by: date
    organisation_answers_by: date
    accepted_by: tuple[Side, ...] = ()

    def answers_by(self, side: Side) -> date:
        """Return the last local date on which this side may answer or change its answer."""
        return self.expert_answers_by if side == "expert" else self.organisation_answers_by


class Vacancy(msgspec.Struct, frozen=True):
    """A vacancy; `opened` is None until intake opens it, `filled` is True once its proposal has become a tandem.

    `policy_version`: the version in force when it opened. `last_request_number`: the latest request that a shortlist was computed
    for. `revision`, `eligible_count`, `candidate_ids`, `shortlist_digest`: the shortlist published last."""

    vacancy: UUID
    policy_version: int = 0
    opened: VacancyOpened | None = None
    last_request_number: int = 0
    revision: int = 0
    eligible_count: int = 0
    candidate_ids: CandidateIds = CandidateIds()
    shortlist_digest: str = ""
    declined_experts: tuple[UUID, ...] = ()
    proposal_count: int = 0
    proposal: Proposal | None = None
    filled: bool = False


def decide(vacancy: Vacancy, message: VacancyOpened | ShortlistComputed) -> Iterator[ShortlistDrawn | RequestShortlist]:
    """Request a shortlist for a vacancy that opened or changed; publish a computed one that differs from the last."""
    match message:
        case VacancyOpened():
            if message != vacancy.opened:
                yield RequestShortlist(vacancy.vacancy)
        case ShortlistComputed():
            yield from _publish_shortlist(vacancy, message)
        case _:
            assert_never(message)


def _publish_shortlist(vacancy: Vacancy, computed: ShortlistComputed) -> Iterator[ShortlistDrawn]:
    """Publish a computed shortlist that differs from the last one published.

    An empty first shortlist equals the initial state and is not published: the vacancy waits for a candidate. One that becomes
    empty is, so that the mediator's page offers no one who cannot be picked, and so is the first one after a proposal ended."""
    if not vacancy.opened or vacancy.proposal or computed.request_number <= vacancy.last_request_number:
        return
    if (computed.eligible_count, shortlist_digest(computed.candidates)) != (vacancy.eligible_count, vacancy.shortlist_digest):
        yield ShortlistDrawn(
            vacancy=vacancy.vacancy,
            organisation=vacancy.opened.organisation,
            revision=vacancy.revision + 1,
            eligible_count=computed.eligible_count,
            candidates=computed.candidates,
        )


def evolve(policy: Policy, vacancy: Vacancy, event: Message) -> Vacancy:
    """Return the vacancy after an event; those of other states leave it unchanged."""
    match event:
        case VacancyOpened():
            return replace(vacancy, opened=event, policy_version=vacancy.policy_version or policy.version)
        case ShortlistComputed() if vacancy.opened:
            return replace(vacancy, last_request_number=max(vacancy.last_request_number, event.request_number))
        case ShortlistDrawn():
            return _with_shortlist(vacancy, event)
        case MatchProposed():
            return replace(vacancy, proposal_count=vacancy.proposal_count + 1, proposal=_proposal(event))
        case MatchAnswered() if vacancy.proposal:
            accepted_by = (*vacancy.proposal.accepted_by, event.side)
            return replace(vacancy, proposal=replace(vacancy.proposal, accepted_by=accepted_by))
        case MatchDeclined():
            declined_experts = (*vacancy.declined_experts, event.expert)
            return replace(vacancy, proposal=None, shortlist_digest=OUTDATED, declined_experts=declined_experts)
        case MatchExpired() | MatchWithdrawn():
            return replace(vacancy, proposal=None, shortlist_digest=OUTDATED)
        case ReplyRefused(reason=reason) if vacancy.opened and reason in OUTDATED_BY:
            return replace(vacancy, shortlist_digest=OUTDATED)
        case TandemFormed():
            return replace(vacancy, filled=True)
        case _:
            return vacancy


def _with_shortlist(vacancy: Vacancy, drawn: ShortlistDrawn) -> Vacancy:
    return replace(
        vacancy,
        revision=drawn.revision,
        eligible_count=drawn.eligible_count,
        candidate_ids=CandidateIds.of(drawn.candidates),
        shortlist_digest=shortlist_digest(drawn.candidates),
    )


def _proposal(proposed: MatchProposed) -> Proposal:
    return Proposal(
        match=proposed.match,
        expert=proposed.expert,
        tandem_form=proposed.tandem_form,
        starts_on=proposed.starts_on,
        zone=proposed.zone,
        expert_answers_by=proposed.expert_answers_by,
        organisation_answers_by=proposed.organisation_answers_by,
    )
