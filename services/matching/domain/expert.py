"""An expert: in the pool while they meet the criteria, with the proposals open to them. Pure."""

from collections.abc import Iterator
from typing import Literal, NamedTuple, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from services.matching.domain.effects import RecordPoolChange
from shared.messages.envelope import Message
from shared.messages.intake import ExpertNotYetEligible, ExpertRegistered
from shared.messages.matching import ExpertPlaced, MatchDeclined, MatchExpired, MatchProposed, MatchWithdrawn, TandemFormed
from shared.programme.policy import Policy


class OpenProposal(NamedTuple):
    """A proposal that the expert or the organisation can still decline."""

    vacancy: UUID
    match: UUID


class Expert(msgspec.Struct, frozen=True):
    """An expert. `profile` is None while they do not meet the criteria; `placed_match` is the match that became a tandem."""

    expert: UUID
    policy_version: int = 0
    profile: ExpertRegistered | None = None
    open_proposals: tuple[OpenProposal, ...] = ()
    placed_match: UUID | None = None


def decide(expert: Expert, message: ExpertRegistered | ExpertNotYetEligible) -> Iterator[ExpertPlaced | RecordPoolChange]:
    """Record a change of the pool; an expert who no longer meets the criteria (R056) is withdrawn from every open proposal."""
    match message:
        case ExpertRegistered():
            if message != expert.profile:
                yield RecordPoolChange()
        case ExpertNotYetEligible():
            if expert.profile:
                yield from withdraw_proposals(expert.expert, expert.open_proposals, "expert_unavailable")
                yield RecordPoolChange()
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
            return replace(state, placed_match=event.match, open_proposals=other_proposals(state, event.match))
        case _:
            return state


def other_proposals(expert: Expert, match: UUID) -> tuple[OpenProposal, ...]:
    """Return the proposals open to the expert, without the one of `match`."""
    return tuple(proposal for proposal in expert.open_proposals if proposal.match != match)
