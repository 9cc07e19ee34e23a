"""A proposal, as each side reads it: the same reasons, and a yes and a no that look alike."""

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from services.notify import wording
from services.notify.domain.experts import Expert
from services.notify.domain.proposals import Proposal
from services.notify.domain.vacancies import Vacancy
from services.notify.pages.shortlist import reasons, tasks
from services.notify.pages.views import Form, PageRequest, PageView, parsed
from shared.messages.code_lists import Language
from shared.messages.envelope import entity_key
from shared.messages.matching import DeclineReason
from shared.messages.notify import ProposalAnswered, Reply
from shared.programme.local_dates import local_date

SAY = {"answer": "Kies ja of nee.", "reason": "Kies een reden uit de lijst, of laat het open."}


class Answered(Form):
    """Yes or no; a no needs no reason."""

    answer: Literal["yes", "no"]
    reason: DeclineReason = "none"


async def view(visit: PageRequest) -> PageView | None:
    """What is proposed, why, until when an answer counts, and what this side answered."""
    about = visit.link.about
    await visit.known.look([about])
    proposal = visit.known.state(about, Proposal)
    if proposal.vacancy is None or proposal.organisation is None or proposal.expert is None:
        return None
    place = entity_key("vacancy", proposal.vacancy)
    await visit.known.look([place, entity_key("organisation", proposal.organisation), entity_key("expert", proposal.expert)])
    vacancy, side = visit.known.state(place, Vacancy), visit.link.side
    counts = proposal.takes_answer(side, visit.now)
    facts = _facts(visit, proposal, vacancy) | {"counts": counts}
    forms = {"answer": lambda fields: _read(fields, visit, proposal)} if counts else {}
    language = _language(visit, proposal, vacancy)
    return PageView(facts, proposal.zone, language, forms, _done(visit, proposal, language), _change(visit, proposal, language))


def _facts(visit: PageRequest, proposal: Proposal, vacancy: Vacancy) -> dict[str, Any]:
    assert proposal.organisation and proposal.expert
    organisation = entity_key("organisation", proposal.organisation)
    names = visit.known.names.called(organisation, vacancy.key, entity_key("expert", proposal.expert), 0)
    known = names if proposal.status == "formed" else {}
    expert = visit.known.state(entity_key("expert", proposal.expert), Expert)
    return {
        "proposal": proposal,
        "vacancy": vacancy,
        "side": visit.link.side,
        "answer": proposal.answer_of(visit.link.side),
        "answer_by": proposal.answers_by(visit.link.side),
        "organisation": visit.known.text(organisation, "name"),
        "town": visit.known.text(organisation, "place"),
        "title": visit.known.text(vacancy.key, "title"),
        "team": visit.known.text(vacancy.key, "team-description"),
        "tasks": tasks(visit, vacancy.key, vacancy),
        "expert_name": known.get("expert_name"),
        "coordinator_name": known.get("coordinator_name"),
        "brings": [wording.label(code, "competences") for code in expert.competences],
        "experience": wording.label(expert.experience, "experience") if expert.experience else "",
        "reasons_for": reasons(proposal.reasons_for, "reasons_for"),
        "reasons_against": reasons(proposal.reasons_against, "reasons_against"),
        "not_used": [wording.label(code, "not_used") for code in proposal.not_used],
        "reasons": wording.word_lists()["decline_reason"],
    }


def _language(visit: PageRequest, proposal: Proposal, vacancy: Vacancy) -> Language:
    """The expert reads their own Dutch, the organisation its own."""
    expert = visit.known.state(entity_key("expert", proposal.expert), Expert) if proposal.expert else None
    own = expert.language if expert and visit.link.side == "expert" else vacancy.language
    return own or visit.policy.language


def _done(visit: PageRequest, proposal: Proposal, language: Language) -> tuple[str, ...]:
    """What this side said, and what became of it."""
    answer, today = proposal.answer_of(visit.link.side), local_date(visit.now, proposal.zone)
    if proposal.status == "formed" and proposal.starts_on:
        return (f"Jullie zeiden allebei ja. De eerste dag is {wording.day(proposal.starts_on, today, language)}.",)
    said = "Je zei" if visit.link.side == "expert" else "Jullie zeiden"
    if answer == "no":
        return (f"{said} nee. Dat is goed, en het blijft zo.", "Er is niets meer te doen.")
    if answer is None:
        return ()
    if proposal.status != "open":
        return (f"{said} ja.", "Dit voorstel gaat niet door. Er is niets meer te doen.")
    return (f"{said} ja.", "Zegt de andere kant ook ja? Dan komt er een mail over het begin.")


def _change(visit: PageRequest, proposal: Proposal, language: Language) -> str:
    """A yes can become a no while the proposal is open; a no is final."""
    by = proposal.answers_by(visit.link.side)
    if by is None or not proposal.takes_answer(visit.link.side, visit.now) or not proposal.answer_of(visit.link.side):
        return ""
    until = wording.day(by, local_date(visit.now, proposal.zone), language)
    return f"Dat ja kan nog veranderen tot en met {until}, zolang het voorstel loopt."


def _read(fields: Mapping[str, str], visit: PageRequest, proposal: Proposal) -> tuple[Reply, str]:
    form = parsed(Answered, fields, SAY)
    assert proposal.vacancy and proposal.expert
    reason = form.reason if form.answer == "no" else "none"
    match = UUID(proposal.key.partition("/")[2])
    return ProposalAnswered(proposal.vacancy, proposal.expert, match, visit.link.side, form.answer, reason), ""
