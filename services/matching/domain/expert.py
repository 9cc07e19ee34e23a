"""An expert: in the pool while they meet the criteria, with the proposals open to them. Pure."""

from collections.abc import Iterator
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
    """An expert. `profile` is None while they do not meet the criteria; `placement` is the match that became a tandem."""

    expert: UUID
    policy_version: int = 0
    profile: ExpertRegistered | None = None
    open_proposals: tuple[OpenProposal, ...] = ()
    placement: Placement | None = None

    @property
    def placed_match(self) -> UUID | None:
        return self.placement and self.placement.match


def decide(expert: Expert, message: ExpertRegistered | ExpertNotYetEligible) -> Iterator[Output]:
    """Record a change of the pool; an expert who no longer meets the criteria (R056) is withdrawn from every open proposal.

    A tandem that has formed goes on, because people end a tandem and no rule does; everyone in it is informed."""
    match message:
        case ExpertRegistered():
            if message != expert.profile:
                yield RecordPoolChange()
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
        case ExpertRegistered():
            return replace(state, profile=event, policy_version=state.policy_version or policy.version)
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


def other_proposals(expert: Expert, match: UUID) -> tuple[OpenProposal, ...]:
    """Return the proposals open to the expert, without the one of `match`."""
    return tuple(proposal for proposal in expert.open_proposals if proposal.match != match)
