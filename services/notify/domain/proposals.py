"""A proposal to both sides, their answers and its end. Pure: no clock, database or network."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from services.notify.domain.effects import SendEmail, end_of_day, facts
from services.notify.domain.inputs import PageAnswered
from services.notify.domain.people import Person, coordinator, expert, in_role, of_programme
from shared.messages.code_lists import Role, Side, TandemForm
from shared.messages.envelope import Envelope, Message
from shared.messages.ids import entity_key
from shared.messages.matching import (
    AnswerRefusal,
    MatchAnswered,
    MatchDeclined,
    MatchExpired,
    MatchProposed,
    MatchWithdrawn,
    PickRefusal,
    Reason,
    ReplyRefused,
    TandemFormed,
)
from shared.messages.notify import ProposalAnswered, ReplyReceived
from shared.programme.local_dates import ends_before

Answer = Literal["yes", "no"]
Status = Literal["unknown", "open", "declined", "expired", "withdrawn", "formed"]
MatchEnd = MatchDeclined | MatchExpired | MatchWithdrawn


class Proposal(msgspec.Struct, frozen=True):
    """A match as both sides see it, with the same reasons for each.

    `expert_answer` and `organisation_answer` are recorded by matching; `expert_reply` and `organisation_reply` are newer answers
    from the page, until matching records or refuses them.
    """

    key: str
    status: Status = "unknown"
    vacancy: UUID | None = None
    organisation: UUID | None = None
    expert: UUID | None = None
    reasons_for: tuple[Reason, ...] = ()
    reasons_against: tuple[Reason, ...] = ()
    not_used: tuple[str, ...] = ()
    tandem_form: TandemForm = "none"
    starts_on: date | None = None
    zone: str = ""
    expert_answers_by: date | None = None
    organisation_answers_by: date | None = None
    expert_answer: Answer | None = None
    organisation_answer: Answer | None = None
    expert_reply: Answer | None = None
    organisation_reply: Answer | None = None
    requested_first_day: date | None = None

    def answer_of(self, side: Side) -> Answer | None:
        """Return the side's latest answer, recorded by matching or not."""
        return self.reply_of(side) or self.recorded_answer_of(side)

    def recorded_answer_of(self, side: Side) -> Answer | None:
        return self.expert_answer if side == "expert" else self.organisation_answer

    def reply_of(self, side: Side) -> Answer | None:
        """Return the answer that matching has not recorded yet."""
        return self.expert_reply if side == "expert" else self.organisation_reply

    def answers_by(self, side: Side) -> date | None:
        """Return the last local date on which this side can answer or change its answer."""
        return self.expert_answers_by if side == "expert" else self.organisation_answers_by

    def accepts_answer(self, side: Side, now: datetime) -> bool:
        """Return True if this side can still answer at `now` (aware). A no is final."""
        deadline = self.answers_by(side)
        if self.status != "open" or self.answer_of(side) == "no" or deadline is None:
            return False
        return not ends_before(deadline, now, self.zone)


def on_proposed(incoming: Envelope[MatchProposed]) -> Iterator[SendEmail]:
    """Ask both sides, giving the same reasons (R060)."""
    proposal = _proposed(Proposal(entity_key("match", incoming.data.match)), incoming.data)
    yield _proposal_email(proposal, "expert", incoming.id)
    yield _proposal_email(proposal, "organisation", incoming.id)


def open_emails(proposal: Proposal, side: Side, cause: UUID, now: datetime) -> Iterator[SendEmail]:
    """Return the proposal itself if this side can still answer at `now` (aware)."""
    if proposal.accepts_answer(side, now):
        yield _proposal_email(proposal, side, cause)


def _proposal_email(proposal: Proposal, side: Side, cause: UUID) -> SendEmail:
    answer_by = proposal.answers_by(side)
    assert proposal.expert and proposal.organisation and answer_by
    content = facts(
        organisation=proposal.organisation,
        vacancy=proposal.vacancy,
        reasons_for=proposal.reasons_for,
        reasons_against=proposal.reasons_against,
        not_used=proposal.not_used,
        starts_on=proposal.starts_on,
        answer_by=answer_by,
        requested_first_day=proposal.requested_first_day,
    )
    person = expert(proposal.expert) if side == "expert" else coordinator(proposal.organisation)
    return SendEmail(cause, f"proposal_{side}", person, proposal.key, content, end_of_day(answer_by, proposal.zone))


def on_answer(
    proposal: Proposal, answered: ProposalAnswered, incoming: Envelope[PageAnswered]
) -> Iterator[ReplyReceived | SendEmail]:
    """Publish the answer if the side can still give one. Otherwise something changed after the page accepted the form, and the
    person gets an email, unless that is their answer already."""
    role, nth = incoming.data.role, incoming.data.nth
    if proposal.accepts_answer(answered.side, incoming.time):
        yield ReplyReceived(role=role, reply=answered, nth=nth)
    elif proposal.answer_of(answered.side) != answered.answer:
        yield from _refusal_email(proposal, incoming.id, role, nth, answered.answer, _refusal(proposal))


def _refusal(proposal: Proposal) -> AnswerRefusal:
    match proposal.status:
        case "formed":
            return "tandem_formed"
        case "open":
            return "deadline"
        case _:
            return "ended"


def on_refused(proposal: Proposal, incoming: Envelope[ReplyRefused]) -> Iterator[SendEmail]:
    """Inform the person why the answer changed nothing."""
    refused = incoming.data
    yield from _refusal_email(proposal, incoming.id, refused.role, refused.nth, refused.answer or "no", refused.reason)


def _refusal_email(
    proposal: Proposal, cause: UUID, role: Role, nth: int, answer: Answer, reason: PickRefusal | AnswerRefusal
) -> Iterator[SendEmail]:
    """A person who could answer has seen the proposal, so it is known here."""
    if proposal.organisation and proposal.expert and proposal.vacancy:
        person = in_role(role, nth, proposal.organisation, proposal.expert, proposal.vacancy)
        content = facts(organisation=proposal.organisation, vacancy=proposal.vacancy, answer=answer, refusal=reason)
        yield SendEmail(cause, "answer_refused", person, proposal.key, content)


def on_ended(incoming: Envelope[Any]) -> Iterator[SendEmail]:
    """Inform the sides that did not end the proposal themselves, and the mediator."""
    end: MatchEnd = incoming.data
    content = facts(organisation=end.organisation, vacancy=end.vacancy, because=_end_reason(end))
    for person in _recipients(end):
        yield SendEmail(incoming.id, "ended", person, entity_key("match", end.match), content)
    yield SendEmail(incoming.id, "ended_mediator", of_programme("mediator"), entity_key("vacancy", end.vacancy), content)


def _end_reason(end: MatchEnd) -> str:
    if isinstance(end, MatchWithdrawn):
        return end.reason
    return "expired" if isinstance(end, MatchExpired) else f"declined_by_{end.side}"


def _recipients(end: MatchEnd) -> list[Person]:
    sides = {"expert": expert(end.expert), "organisation": coordinator(end.organisation)}
    if isinstance(end, MatchDeclined):
        del sides[end.side]
    if isinstance(end, MatchWithdrawn) and end.reason == "vacancy_closed":
        del sides["organisation"]
    return list(sides.values())


def evolve(proposal: Proposal, event: Message) -> Proposal:
    match event:
        case MatchProposed():
            return _proposed(proposal, event)
        case ReplyReceived(reply=ProposalAnswered(side=side, answer=answer)):
            return _with_reply(proposal, side, None if answer == proposal.recorded_answer_of(side) else answer)
        case MatchAnswered(side=side, answer=answer):
            return _without_reply(_with_answer(proposal, side, answer), side, answer)
        case MatchDeclined(side=side):
            return msgspec.structs.replace(_without_reply(_with_answer(proposal, side, "no"), side, "no"), status="declined")
        case ReplyRefused(side=str() as side, answer=str() as answer):
            return _without_reply(proposal, side, answer)
        case MatchExpired():
            return msgspec.structs.replace(proposal, status="expired")
        case MatchWithdrawn():
            return msgspec.structs.replace(proposal, status="withdrawn")
        case TandemFormed():
            return msgspec.structs.replace(proposal, status="formed", starts_on=event.starts_on)
        case _:
            return proposal


def _with_answer(proposal: Proposal, side: Side, answer: Answer) -> Proposal:
    if side == "expert":
        return msgspec.structs.replace(proposal, expert_answer=answer)
    return msgspec.structs.replace(proposal, organisation_answer=answer)


def _with_reply(proposal: Proposal, side: Side, reply: Answer | None) -> Proposal:
    if side == "expert":
        return msgspec.structs.replace(proposal, expert_reply=reply)
    return msgspec.structs.replace(proposal, organisation_reply=reply)


def _without_reply(proposal: Proposal, side: Side, answer: Answer) -> Proposal:
    """Return the proposal after matching handled this answer; one that was given since still waits."""
    return _with_reply(proposal, side, None) if proposal.reply_of(side) == answer else proposal


def _proposed(proposal: Proposal, event: MatchProposed) -> Proposal:
    return Proposal(
        proposal.key,
        status="open",
        vacancy=event.vacancy,
        organisation=event.organisation,
        expert=event.expert,
        reasons_for=event.reasons_for,
        reasons_against=event.reasons_against,
        not_used=event.not_used,
        tandem_form=event.tandem_form,
        starts_on=event.starts_on,
        zone=event.zone,
        expert_answers_by=event.expert_answers_by,
        organisation_answers_by=event.organisation_answers_by,
        requested_first_day=event.requested_first_day,
    )
