"""A proposal to both sides, their answers and its end. Pure: no clock, no database, no bus."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from services.notify.domain.emails import Person, SendEmail, coordinator, end_of, expert, facts, of_programme
from services.notify.domain.inputs import PageAnswered
from shared.messages.code_lists import Side, TandemForm
from shared.messages.envelope import Envelope, Message, entity_key
from shared.messages.matching import MatchAnswered, MatchDeclined, MatchExpired, MatchProposed, MatchWithdrawn, Reason, TandemFormed
from shared.messages.notify import ProposalAnswered, ReplyReceived
from shared.programme.local_dates import local_date

Answer = Literal["yes", "no"]
Status = Literal["unknown", "open", "declined", "expired", "withdrawn", "formed"]


class Proposal(msgspec.Struct, frozen=True):
    """What both sides are asked, with the same reasons, and what each said last."""

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

    def answer_of(self, side: Side) -> Answer | None:
        return self.expert_answer if side == "expert" else self.organisation_answer

    def answers_by(self, side: Side) -> date | None:
        """The last day on which this side can answer or change its answer."""
        return self.expert_answers_by if side == "expert" else self.organisation_answers_by

    def takes_answer(self, side: Side, now: datetime) -> bool:
        """Whether an answer of this side still counts at this moment (an aware datetime). A no is final."""
        by = self.answers_by(side)
        return self.status == "open" and self.answer_of(side) != "no" and by is not None and local_date(now, self.zone) <= by


def proposed(heard: Envelope[MatchProposed]) -> Iterator[SendEmail]:
    """Both sides are asked, with the same reasons (R060 stands in the words)."""
    it = heard.data
    same = facts(
        organisation=it.organisation,
        vacancy=it.vacancy,
        reasons_for=it.reasons_for,
        reasons_against=it.reasons_against,
        not_used=it.not_used,
        starts_on=it.starts_on,
    )
    about = entity_key("match", it.match)
    asked = {"proposal_expert": expert(it.expert), "proposal_organisation": coordinator(it.organisation)}
    days = {"proposal_expert": it.expert_answers_by, "proposal_organisation": it.organisation_answers_by}
    for template, person in asked.items():
        told = same | facts(answer_by=days[template])
        yield SendEmail(heard.id, template, person, about, told, end_of(days[template], it.zone))


def answered(proposal: Proposal, heard: Envelope[PageAnswered]) -> Iterator[Message]:
    """An answer counts until the side's last day, a no, or the second yes."""
    reply: Any = heard.data.reply
    if proposal.takes_answer(reply.side, heard.time):
        yield ReplyReceived(role=heard.data.role, reply=reply)


def ended(heard: Envelope[Any]) -> Iterator[SendEmail]:
    """Who was asked hears kindly that it does not go on; the mediator hears it too, so that the work is never lost (L14)."""
    it: MatchDeclined | MatchExpired | MatchWithdrawn = heard.data
    why = _because(it)
    told = facts(organisation=it.organisation, vacancy=it.vacancy, because=why)
    for person in _left(it):
        yield SendEmail(heard.id, "ended", person, entity_key("match", it.match), told)
    yield SendEmail(heard.id, "ended_mediator", of_programme("mediator"), entity_key("vacancy", it.vacancy), told)


def _because(it: MatchDeclined | MatchExpired | MatchWithdrawn) -> str:
    if isinstance(it, MatchWithdrawn):
        return it.reason
    return "expired" if isinstance(it, MatchExpired) else f"declined_by_{it.side}"


def _left(it: MatchDeclined | MatchExpired | MatchWithdrawn) -> list[Person]:
    """Those who were asked and did not end it themselves."""
    sides = {"expert": expert(it.expert), "organisation": coordinator(it.organisation)}
    if isinstance(it, MatchDeclined):
        del sides[it.side]
    if isinstance(it, MatchWithdrawn) and it.reason == "vacancy_closed":
        del sides["organisation"]
    return list(sides.values())


def evolve(proposal: Proposal, fact: Message) -> Proposal:
    match fact:
        case MatchProposed():
            return _proposed(proposal, fact)
        case ReplyReceived(reply=ProposalAnswered(side=side, answer=answer)) | MatchAnswered(side=side, answer=answer):
            return _answered(proposal, side, answer)
        case MatchDeclined(side=side):
            return msgspec.structs.replace(_answered(proposal, side, "no"), status="declined")
        case MatchExpired():
            return msgspec.structs.replace(proposal, status="expired")
        case MatchWithdrawn():
            return msgspec.structs.replace(proposal, status="withdrawn")
        case TandemFormed():
            return msgspec.structs.replace(proposal, status="formed", starts_on=fact.starts_on)
        case _:
            return proposal


def _answered(proposal: Proposal, side: Side, answer: Answer) -> Proposal:
    if side == "expert":
        return msgspec.structs.replace(proposal, expert_answer=answer)
    return msgspec.structs.replace(proposal, organisation_answer=answer)


def _proposed(proposal: Proposal, fact: MatchProposed) -> Proposal:
    return Proposal(
        proposal.key,
        "open",
        fact.vacancy,
        fact.organisation,
        fact.expert,
        fact.reasons_for,
        fact.reasons_against,
        fact.not_used,
        fact.tandem_form,
        fact.starts_on,
        fact.zone,
        fact.expert_answers_by,
        fact.organisation_answers_by,
    )
