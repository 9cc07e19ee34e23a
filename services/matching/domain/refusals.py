"""Replies that change nothing: each has a reason, and is published so that the person is informed. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from services.matching.domain.effects import RequestShortlist
from services.matching.domain.expert import Expert
from services.matching.domain.vacancy import OUTDATED_BY, Vacancy
from shared.messages.code_lists import Role, Side
from shared.messages.envelope import Envelope
from shared.messages.matching import AnswerRefusal, PickRefusal, ReplyRefused
from shared.messages.notify import CandidatePicked, ProposalAnswered, ReplyReceived
from shared.programme.first_day import first_day_range, requested_first_day
from shared.programme.local_dates import ends_before, local_date

SIDE_OF_ROLE: Final[Mapping[Role, Side]] = {"expert": "expert", "coordinator": "organisation"}
"""The roles that answer a proposal. A tandem partner does not; coaching accepts their reports about the evaluation."""


def of_pick(
    vacancy: Vacancy, expert: Expert, duplicates: Sequence[Expert], role: Role, picked: CandidatePicked, now: datetime
) -> PickRefusal | None:
    """Return why the mediator's pick leads to no proposal, or None if it does."""
    if role != "mediator":
        return "not_allowed"
    if not vacancy.opened:
        return "not_open"
    if vacancy.proposal:
        return "proposal_open"
    if not expert.profile or expert.placed_match:
        return "expert_unavailable"
    if picked.expert not in vacancy.candidate_ids or picked.expert in vacancy.declined_experts:
        return "not_listed"
    if _may_be_elsewhere(vacancy, expert, duplicates):
        return "possible_duplicate"
    today = local_date(now, vacancy.opened.zone)
    return None if requested_first_day(picked.starts_on, vacancy.opened.starts_on, today) else "first_day"


def _may_be_elsewhere(vacancy: Vacancy, expert: Expert, shown: Sequence[Expert]) -> bool:
    """Return True if the expert may be a person who has a proposal or a tandem, or declined this vacancy, under another id.

    A possible duplicate that the mediator's page did not show counts too, because no person has looked."""
    others = set(expert.possible_duplicates)
    looked_at = {duplicate.expert for duplicate in shown}
    engaged = any(duplicate.is_engaged for duplicate in shown if duplicate.expert in others)
    return engaged or not others <= looked_at or not others.isdisjoint(vacancy.declined_experts)


def of_answer(vacancy: Vacancy, expert: Expert, role: Role, answered: ProposalAnswered, now: datetime) -> AnswerRefusal | None:
    """Return why the answer changes nothing, or None if it counts. After the second yes a no comes after the fact."""
    proposal = vacancy.proposal
    if SIDE_OF_ROLE.get(role) != answered.side:
        return "not_allowed"
    if not proposal or proposal.match != answered.match:
        return "ended"
    if vacancy.filled:
        return "tandem_formed"
    if not expert.profile or expert.placed_match or not expert.has_open(proposal.match):
        return "expert_unavailable"  # the withdrawal of their proposals is in flight
    return "deadline" if ends_before(proposal.answers_by(answered.side), now, proposal.zone) else None


def is_recorded(vacancy: Vacancy, answered: ProposalAnswered) -> bool:
    """Return True if this yes was recorded before: the same yes again is no new answer, even if a tandem has formed since."""
    proposal = vacancy.proposal
    if not proposal or proposal.match != answered.match:
        return False
    return answered.answer == "yes" and answered.side in proposal.accepted_by


def refuse_pick(
    vacancy: Vacancy, picked: CandidatePicked, reason: PickRefusal, incoming: Envelope[ReplyReceived]
) -> Iterator[ReplyRefused | RequestShortlist]:
    """Publish the refusal, with the days allowed; have the shortlist published again if the page showed an outdated one."""
    allowed = first_day_range(local_date(incoming.time, vacancy.opened.zone)) if vacancy.opened else None
    yield ReplyRefused(
        reply=incoming.id,
        role=incoming.data.role,
        nth=incoming.data.nth,
        vacancy=picked.vacancy,
        expert=picked.expert,
        reason=reason,
        earliest=allowed.first if allowed and reason == "first_day" else None,
        latest=allowed.last if allowed and reason == "first_day" else None,
    )
    if vacancy.opened and reason in OUTDATED_BY:
        yield RequestShortlist(vacancy.vacancy)


def refuse_answer(answered: ProposalAnswered, reason: AnswerRefusal, incoming: Envelope[ReplyReceived]) -> ReplyRefused:
    """Return the refusal of an answer."""
    return ReplyRefused(
        reply=incoming.id,
        role=incoming.data.role,
        nth=incoming.data.nth,
        vacancy=answered.vacancy,
        expert=answered.expert,
        reason=reason,
        match=answered.match,
        side=answered.side,
        answer=answered.answer,
    )
