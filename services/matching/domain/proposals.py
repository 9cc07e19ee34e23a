"""The course of one proposal: picked, answered, expired or withdrawn, and the tandem that two yeses form. Pure."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from services.matching.domain.scoring import form_warning, score_candidate
from services.matching.domain.states import Expert, Proposal, RecordPoolChange, RequestShortlist, Vacancy
from shared.messages.code_lists import Side
from shared.messages.envelope import deterministic_uuid, entity_key
from shared.messages.intake import VacancyOpened
from shared.messages.matching import (
    ExpertPlaced,
    MatchAnswered,
    MatchDeclined,
    MatchExpired,
    MatchProposed,
    MatchWithdrawn,
    TandemFormed,
)
from shared.messages.notify import CandidatePicked, ProposalAnswered
from shared.pipeline.decider import Effect
from shared.pipeline.timers import ScheduleTimer, TimerDue
from shared.programme.local_dates import add_working_days, local_date, within_planning_horizon, working_day_on_or_after
from shared.programme.policy import Policy

Output = MatchProposed | MatchAnswered | MatchDeclined | MatchExpired | MatchWithdrawn | TandemFormed | ExpertPlaced
Follows = Iterator[Output | Effect]

SIDES: Final[tuple[Side, ...]] = ("expert", "organisation")


def pick(policy: Policy, vacancy: Vacancy, expert: Expert, chosen: CandidatePicked, at: datetime) -> Follows:
    """The mediator's choice stands if the candidate is on the list now and free, nobody was picked before, and the first day is
    within a year; else nothing follows."""
    sought, profile, known = vacancy.sought, expert.profile, str(chosen.expert) in vacancy.listed
    if not known or not sought or not profile or vacancy.proposal or expert.placed or chosen.expert in vacancy.declined:
        return
    today = local_date(at, sought.zone)
    starts_on = chosen.starts_on or sought.starts_on
    if not within_planning_horizon(starts_on, today):
        return
    who = score_candidate(sought, profile)
    proposed = MatchProposed(
        match=deterministic_uuid(vacancy.vacancy, f"match/{chosen.expert}/{vacancy.proposals + 1}"),
        vacancy=vacancy.vacancy,
        organisation=sought.organisation,
        expert=chosen.expert,
        pick_reason=chosen.why,
        reasons_for=who.reasons_for,
        reasons_against=who.reasons_against,
        not_used=who.not_used,
        tandem_form=sought.tandem_form,
        form_warning=form_warning(who.experience, sought.tandem_form),
        starts_on=_first_day(starts_on, today, sought),
        zone=sought.zone,
        expert_answers_by=add_working_days(today, policy.expert_answer_days, profile.language),
        organisation_answers_by=add_working_days(today, policy.organisation_answer_days, sought.language),
    )
    yield proposed
    yield _answer_deadline_timer(proposed, "expert", proposed.expert_answers_by)
    yield _answer_deadline_timer(proposed, "organisation", proposed.organisation_answers_by)


def _first_day(agreed: date, today: date, sought: VacancyOpened) -> date:
    """The agreed day or, where it has gone by, today; on a working day of the organisation's country."""
    return working_day_on_or_after(max(agreed, today), sought.language)


def _answer_deadline_timer(proposed: MatchProposed, side: Side, last_day: date) -> ScheduleTimer:
    """A side's silence is noticed on the morning after its last day."""
    return ScheduleTimer(
        subject=proposed.subject,
        milestone=f"answer/{proposed.match}",
        step=side,
        recipient=side,
        day=last_day + timedelta(days=1),
        zone=proposed.zone,
        related_keys=(entity_key("expert", proposed.expert),),
    )


def answer(vacancy: Vacancy, expert: Expert, given: ProposalAnswered, at: datetime) -> Follows:
    """A yes is remembered and may become a no until the second yes; a no ends it. After a side's last day nothing changes, nor
    for an expert who no longer meets the criteria (R056): that withdrawal is on its way."""
    proposal, sought = vacancy.proposal, vacancy.sought
    if not proposal or not sought or not expert.profile or expert.placed or proposal.match != given.match:
        return
    today = local_date(at, proposal.zone)
    if today > proposal.answers_by(given.side):
        return
    if given.answer == "no":
        yield MatchDeclined(*_match_ids(proposal, sought), side=given.side, reason=given.reason)
        yield RequestShortlist(vacancy.vacancy)
    elif given.side not in proposal.yes:
        yield MatchAnswered(*_match_ids(proposal, sought), side=given.side, answer="yes")
        if proposal.yes:
            yield from _form_tandem(proposal, sought, expert, today)


def _form_tandem(proposal: Proposal, sought: VacancyOpened, expert: Expert, today: date) -> Follows:
    """Both said yes (R116): the expert leaves the pool, and their other proposals fall away."""
    yield TandemFormed(
        *_match_ids(proposal, sought),
        tandem=deterministic_uuid(proposal.match, "tandem"),
        tandem_form=proposal.tandem_form,
        starts_on=_first_day(proposal.starts_on, today, sought),
        zone=proposal.zone,
        language=sought.language,
    )
    for vacancy, match in expert.proposed:
        if match != proposal.match:
            yield ExpertPlaced(expert=expert.expert, other_vacancy=vacancy, match=match)
    yield RecordPoolChange()


def leave_pool(expert: Expert) -> Follows:
    """The expert no longer meets the criteria (R056): out of the pool, and out of every open proposal."""
    if not expert.profile:
        return
    for vacancy, match in expert.proposed:
        yield ExpertPlaced(expert=expert.expert, other_vacancy=vacancy, match=match, reason="expert_unavailable")
    yield RecordPoolChange()


def withdraw(vacancy: Vacancy, placed: ExpertPlaced) -> Follows:
    """The expert found another place, or left the pool: this proposal falls away, and everyone hears why."""
    if vacancy.proposal and vacancy.sought and vacancy.proposal.match == placed.match and not vacancy.filled:
        yield MatchWithdrawn(*_match_ids(vacancy.proposal, vacancy.sought), reason=placed.reason)
        yield RequestShortlist(vacancy.vacancy)


def expire(vacancy: Vacancy, due: TimerDue) -> Follows:
    """The proposal ends when a side let its last day pass; whoever still has time is not called silent."""
    proposal, sought = vacancy.proposal, vacancy.sought
    if not proposal or not sought or due.milestone != f"answer/{proposal.match}":
        return
    silent = tuple(side for side in SIDES if side not in proposal.yes and proposal.answers_by(side) < due.day)
    if silent:
        yield MatchExpired(*_match_ids(proposal, sought), unanswered_by=silent)
        yield RequestShortlist(vacancy.vacancy)


def _match_ids(proposal: Proposal, sought: VacancyOpened) -> tuple[UUID, UUID, UUID, UUID]:
    return proposal.match, sought.vacancy, sought.organisation, proposal.expert
