"""An expert: in the pool while they meet the criteria, with the proposals open to them. Pure."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from services.matching.domain.effects import RecordPoolChange
from shared.messages.envelope import Message
from shared.messages.intake import ExpertNotYetEligible, ExpertRegistered
from shared.messages.matching import (
    ExpertPlaced,
    MatchDeclined,
    MatchExpired,
    MatchProposed,
    MatchWithdrawn,
    TandemExpertWithdrawn,
    TandemFormed,
)
from shared.programme.policy import Policy

Output = ExpertPlaced | TandemExpertWithdrawn | RecordPoolChange


class OpenProposal(NamedTuple):
    """A proposal that the expert or the organisation can still decline."""

    vacancy: UUID
    match: UUID


class Placement(NamedTuple):
    """The match that became the expert's tandem."""

    match: UUID
    vacancy: UUID
    organisation: UUID
    tandem: UUID


class Expert(msgspec.Struct, frozen=True):
    """An expert. `profile` is None while they do not meet the criteria; `placement` is the match that became a tandem.

    `possible_duplicates`: experts with the same name and address, in both directions. `open_proposals` has no proposal whose
    withdrawal is in flight."""

    expert: UUID
    policy_version: int = 0
    profile: ExpertRegistered | None = None
    open_proposals: tuple[OpenProposal, ...] = ()
    placement: Placement | None = None
    possible_duplicates: tuple[UUID, ...] = ()

    @property
    def placed_match(self) -> UUID | None:
        return self.placement and self.placement.match

    def has_open(self, match: UUID) -> bool:
        """Return True if this proposal is open and its withdrawal is not in flight."""
        return any(proposal.match == match for proposal in self.open_proposals)

    @property
    def is_engaged(self) -> bool:
        """Return True while the expert has an open proposal or a tandem."""
        return bool(self.open_proposals or self.placement)


def decide(expert: Expert, duplicates: Sequence[Expert], message: ExpertRegistered | ExpertNotYetEligible) -> Iterator[Output]:
    """Record a change of the pool; an expert who no longer meets the criteria (R056) is withdrawn from every open proposal.

    So is one who turns out to be a possible duplicate of an expert with a proposal or a tandem. A tandem that has formed goes on,
    because people end a tandem and no rule does; everyone in it is informed."""
    match message:
        case ExpertRegistered():
            if message != expert.profile:
                yield RecordPoolChange()
            if any(duplicate.is_engaged for duplicate in duplicates):
                yield from withdraw_proposals(expert.expert, expert.open_proposals, "expert_unavailable")
        case ExpertNotYetEligible():
            if expert.profile:
                yield from withdraw_proposals(expert.expert, expert.open_proposals, "expert_unavailable")
                yield RecordPoolChange()
                if placement := expert.placement:
                    ids = placement.match, placement.vacancy, placement.organisation, expert.expert
                    yield TandemExpertWithdrawn(*ids, tandem=placement.tandem)
        case _:
            assert_never(message)


def withdraw_proposals(
    expert: UUID, proposals: tuple[OpenProposal, ...], reason: Literal["expert_placed", "expert_unavailable"]
) -> Iterator[ExpertPlaced]:
    """Ask each vacancy, in a message of its own, to withdraw its proposal to this expert."""
    for proposal in proposals:
        yield ExpertPlaced(expert=expert, other_vacancy=proposal.vacancy, match=proposal.match, reason=reason)


def evolve(policy: Policy, state: Expert, event: Message) -> Expert:
    """Return the expert after an event; those of other states leave it unchanged."""
    match event:
        case ExpertRegistered(expert=state.expert):
            registered = replace(state, profile=event, policy_version=state.policy_version or policy.version)
            return _with_duplicates(registered, event.possible_duplicate_of, event.no_longer_duplicate_of)
        case ExpertRegistered():
            added = (event.expert,) if state.expert in event.possible_duplicate_of else ()
            removed = (event.expert,) if state.expert in event.no_longer_duplicate_of else ()
            return _with_duplicates(state, added, removed)
        case ExpertPlaced(expert=state.expert):
            return replace(state, open_proposals=other_proposals(state, event.match))
        case ExpertNotYetEligible():
            return replace(state, profile=None)
        case MatchProposed(expert=state.expert):
            return replace(state, open_proposals=(*state.open_proposals, OpenProposal(event.vacancy, event.match)))
        case MatchDeclined(expert=state.expert) | MatchExpired(expert=state.expert) | MatchWithdrawn(expert=state.expert):
            return replace(state, open_proposals=other_proposals(state, event.match))
        case TandemFormed(expert=state.expert):
            placement = Placement(event.match, event.vacancy, event.organisation, event.tandem)
            return replace(state, placement=placement, open_proposals=other_proposals(state, event.match))
        case _:
            return state


def _with_duplicates(state: Expert, added: tuple[UUID, ...], removed: tuple[UUID, ...]) -> Expert:
    kept = (expert for expert in (*state.possible_duplicates, *added) if expert not in removed)
    return replace(state, possible_duplicates=tuple(dict.fromkeys(kept)))


def other_proposals(expert: Expert, match: UUID) -> tuple[OpenProposal, ...]:
    """Return the proposals open to the expert, without the one of `match`."""
    return tuple(proposal for proposal in expert.open_proposals if proposal.match != match)
