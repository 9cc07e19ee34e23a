"""A proposal, as each side reads it: the same reasons, and a yes and a no that look alike."""

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from services.notify import wording
from services.notify.domain.experts import Expert
from services.notify.domain.proposals import Proposal
from services.notify.domain.vacancies import Vacancy
from services.notify.pages.page import Form, Seen, Visit, parsed
from services.notify.pages.shortlist import reasons, tasks
from shared.messages.envelope import key
from shared.messages.matching import DeclineReason
from shared.messages.notify import ProposalAnswered, Reply

SAY = {"answer": "Kies ja of nee.", "reason": "Kies een reden uit de lijst, of laat het open."}


class Answered(Form):
    """Yes or no; a no needs no reason."""

    answer: Literal["yes", "no"]
    reason: DeclineReason = "none"


async def look(visit: Visit) -> Seen | None:
    """What is proposed, why, until when an answer counts, and what this side answered."""
    about = visit.link.about
    await visit.known.look([about])
    proposal = visit.known.state(about, Proposal)
    if proposal.vacancy is None or proposal.organisation is None or proposal.expert is None:
        return None
    place = key("vacancy", proposal.vacancy)
    await visit.known.look([place, key("organisation", proposal.organisation), key("expert", proposal.expert)])
    vacancy, side = visit.known.state(place, Vacancy), visit.link.side
    counts = proposal.takes_answer(side, visit.now)
    facts = _facts(visit, proposal, vacancy) | {"counts": counts}
    forms = {"answer": lambda fields: _read(fields, visit, proposal)} if counts else {}
    return Seen(facts, proposal.zone, _language(visit, proposal, vacancy), forms, _done(proposal.answer_of(side)))


def _facts(visit: Visit, proposal: Proposal, vacancy: Vacancy) -> dict[str, Any]:
    assert proposal.organisation and proposal.expert
    organisation = key("organisation", proposal.organisation)
    expert = visit.known.state(key("expert", proposal.expert), Expert)
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
        "brings": [wording.said(code, "competences") for code in expert.competences],
        "experience": wording.said(expert.experience, "experience") if expert.experience else "",
        "speaks_for": reasons(proposal.speaks_for, "speaks_for"),
        "speaks_against": reasons(proposal.speaks_against, "speaks_against"),
        "not_used": [wording.said(code, "not_used") for code in proposal.not_used],
        "reasons": wording.words()["decline_reason"],
    }


def _language(visit: Visit, proposal: Proposal, vacancy: Vacancy) -> Any:
    """The expert reads their own Dutch, the organisation its own."""
    expert = visit.known.state(key("expert", proposal.expert), Expert) if proposal.expert else None
    own = expert.language if expert and visit.link.side == "expert" else vacancy.language
    return own or visit.policy.language


def _done(answer: str | None) -> tuple[str, ...]:
    if answer == "yes":
        return ("Je zei ja.", "Zodra de andere kant ook ja zegt, hoor je wanneer jullie beginnen.")
    return ("Je zei nee. Dat is goed.", "We zoeken verder, en je hoeft niets meer te doen.") if answer else ()


def _read(fields: Mapping[str, str], visit: Visit, proposal: Proposal) -> tuple[Reply, str]:
    form = parsed(Answered, fields, SAY)
    assert proposal.vacancy and proposal.expert
    reason = form.reason if form.answer == "no" else "none"
    match = UUID(proposal.key.partition("/")[2])
    return ProposalAnswered(proposal.vacancy, proposal.expert, match, visit.link.side, form.answer, reason), ""
