"""The course of one proposal between a vacancy and an expert: picked, answered, expired or withdrawn, or a tandem formed. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from services.matching.domain import refusals
from services.matching.domain.effects import RecordPoolChange, RequestShortlist
from services.matching.domain.expert import Expert, other_proposals, withdraw_proposals
from services.matching.domain.inputs import Output
from services.matching.domain.scoring import form_warning, score_candidate
from services.matching.domain.vacancy import Proposal, Vacancy
from shared.messages.code_lists import Side
from shared.messages.envelope import Envelope
from shared.messages.ids import deterministic_uuid, entity_key
from shared.messages.intake import ExpertRegistered, VacancyOpened
from shared.messages.matching import (
    ExpertPlaced,
    MatchAnswered,
    MatchDeclined,
    MatchExpired,
    MatchProposed,
    MatchWithdrawn,
    TandemFormed,
)
from shared.messages.notify import CandidatePicked, ProposalAnswered, ReplyReceived
from shared.pipeline.timers import ScheduleTimer, TimerDue
from shared.programme.first_day import first_working_day, requested_first_day
from shared.programme.local_dates import add_working_days, local_date
from shared.programme.policy import Policy

SIDES: Final[tuple[Side, ...]] = ("expert", "organisation")


def pick(
    policy: Policy,
    vacancy: Vacancy,
    expert: Expert,
    duplicates: Sequence[Expert],
    picked: CandidatePicked,
    incoming: Envelope[ReplyReceived],
) -> Iterator[Output]:
    """Propose the match that the mediator picked, or refuse the pick with a reason: either way the mediator's page moves on.

    `duplicates`: the experts that the page showed as perhaps the same person."""
    if reason := refusals.of_pick(vacancy, expert, duplicates, incoming.data.role, picked, incoming.time):
        yield from refusals.refuse_pick(vacancy, picked, reason, incoming)
    elif vacancy.opened and expert.profile:
        yield from _propose(policy, vacancy, vacancy.opened, expert.profile, picked, incoming.time)


def _propose(
    policy: Policy, vacancy: Vacancy, opened: VacancyOpened, profile: ExpertRegistered, picked: CandidatePicked, now: datetime
) -> Iterator[Output]:
    """Propose the match, and schedule the deadline of each side."""
    today = local_date(now, opened.zone)
    requested = requested_first_day(picked.starts_on, opened.starts_on, today) or today
    starts_on = first_working_day(requested, today, opened.language)
    candidate = score_candidate(opened, profile)
    proposed = MatchProposed(
        match=deterministic_uuid(vacancy.vacancy, f"match/{picked.expert}/{vacancy.proposal_count + 1}"),
        vacancy=vacancy.vacancy,
        organisation=opened.organisation,
        expert=picked.expert,
        pick_reason=picked.why,
        reasons_for=candidate.reasons_for,
        reasons_against=candidate.reasons_against,
        not_used=candidate.not_used,
        tandem_form=opened.tandem_form,
        form_warning=form_warning(candidate.experience, opened.tandem_form),
        starts_on=starts_on,
        zone=opened.zone,
        expert_answers_by=add_working_days(today, policy.expert_answer_days, profile.language),
        organisation_answers_by=add_working_days(today, policy.organisation_answer_days, opened.language),
        requested_first_day=requested if starts_on != requested else None,
    )
    yield proposed
    yield _deadline_timer(proposed, "expert", proposed.expert_answers_by)
    yield _deadline_timer(proposed, "organisation", proposed.organisation_answers_by)


def _deadline_timer(proposed: MatchProposed, side: Side, last_day: date) -> ScheduleTimer:
    """Return the timer for the morning after a side's last day."""
    return ScheduleTimer(
        subject=proposed.subject,
        milestone=_milestone(proposed.match),
        step=side,
        recipient=side,
        day=last_day + timedelta(days=1),
        zone=proposed.zone,
        related_keys=(entity_key("expert", proposed.expert),),
    )


def _milestone(match: UUID) -> str:
    return f"answer/{match}"


def answer(vacancy: Vacancy, expert: Expert, answered: ProposalAnswered, incoming: Envelope[ReplyReceived]) -> Iterator[Output]:
    """Accept or decline for one side, or refuse the answer with a reason.

    A yes can become a no until both sides have accepted; a no is final. A yes that is recorded already changes nothing."""
    if refusals.is_recorded(vacancy, answered):
        return
    if reason := refusals.of_answer(vacancy, expert, incoming.data.role, answered, incoming.time):
        yield refusals.refuse_answer(answered, reason, incoming)
    elif vacancy.proposal and vacancy.opened:
        yield from _record_answer(vacancy.proposal, vacancy.opened, expert, answered, incoming.time)


def _record_answer(
    proposal: Proposal, opened: VacancyOpened, expert: Expert, answered: ProposalAnswered, now: datetime
) -> Iterator[Output]:
    if answered.answer == "no":
        yield MatchDeclined(*_match_ids(proposal, opened), side=answered.side, reason=answered.reason)
        yield RequestShortlist(opened.vacancy)
        return
    yield MatchAnswered(*_match_ids(proposal, opened), side=answered.side, answer="yes")
    if proposal.accepted_by:
        yield from _form_tandem(proposal, opened, expert, local_date(now, proposal.zone))


def _form_tandem(proposal: Proposal, opened: VacancyOpened, expert: Expert, today: date) -> Iterator[Output]:
    """Form the tandem after both sides accepted (R116); the expert leaves the pool, and their other proposals are withdrawn."""
    yield TandemFormed(
        *_match_ids(proposal, opened),
        tandem=deterministic_uuid(proposal.match, "tandem"),
        tandem_form=proposal.tandem_form,
        starts_on=first_working_day(proposal.starts_on, today, opened.language),
        zone=proposal.zone,
        language=opened.language,
    )
    yield from withdraw_proposals(expert.expert, other_proposals(expert, proposal.match), "expert_placed")
    yield RecordPoolChange()


def withdraw(vacancy: Vacancy, placed: ExpertPlaced) -> Iterator[Output]:
    """Withdraw the proposal of an expert who was placed elsewhere or left the pool, unless it has become a tandem."""
    if vacancy.proposal and vacancy.opened and vacancy.proposal.match == placed.match and not vacancy.filled:
        yield MatchWithdrawn(*_match_ids(vacancy.proposal, vacancy.opened), reason=placed.reason)
        yield RequestShortlist(vacancy.vacancy)


def expire(vacancy: Vacancy, due: TimerDue) -> Iterator[Output]:
    """End the proposal if a side let its last day pass; a side that still has time is not listed in `unanswered_by`."""
    proposal, opened = vacancy.proposal, vacancy.opened
    if not proposal or not opened or due.milestone != _milestone(proposal.match):
        return
    late = tuple(side for side in SIDES if side not in proposal.accepted_by and proposal.answers_by(side) < due.day)
    if late:
        yield MatchExpired(*_match_ids(proposal, opened), unanswered_by=late)
        yield RequestShortlist(vacancy.vacancy)


def _match_ids(proposal: Proposal, opened: VacancyOpened) -> tuple[UUID, UUID, UUID, UUID]:
    return proposal.match, opened.vacancy, opened.organisation, proposal.expert
