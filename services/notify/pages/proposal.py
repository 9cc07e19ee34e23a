"""A proposal as each side reads it: the same reasons, and a yes and a no that look alike."""

from collections.abc import Mapping
from typing import Any, Literal

from services.notify import wording
from services.notify.domain.experts import Expert
from services.notify.domain.proposals import Answer, Proposal
from services.notify.domain.vacancies import Vacancy
from services.notify.pages.page_context import reason_sentences, task_lines
from services.notify.pages.views import FieldMessages, Form, PageRequest, PageView, ReadForm, Submission, parse_form
from shared.messages.code_lists import Language
from shared.messages.ids import entity_key
from shared.messages.matching import DeclineReason
from shared.messages.notify import ProposalAnswered
from shared.programme.local_dates import local_date

MESSAGES = {
    "answer": FieldMessages("Kies ja of nee.", "Kies ja of nee."),
    "reason": FieldMessages("Kies een reden uit de lijst, of geen.", "Kies een reden uit de lijst, of geen."),
}


BOTH_YES = "Zegt de andere kant ook ja? Dan krijg je een mail over de start."
REFUSAL = "Telt het antwoord niet meer mee? Dan krijg je daar een mail over."


class AnswerForm(Form):
    """Yes or no; a no needs no reason."""

    answer: Literal["yes", "no"]
    reason: DeclineReason = "none"


async def view(request: PageRequest) -> PageView | None:
    """Show the proposal with its reasons, the deadline for an answer, and this side's answer."""
    await request.data.load([request.link.about])
    proposal = request.data.state(request.link.about, Proposal)
    if proposal.vacancy is None or proposal.organisation is None or proposal.expert is None:
        return None
    organisation, expert = entity_key("organisation", proposal.organisation), entity_key("expert", proposal.expert)
    vacancy_key = entity_key("vacancy", proposal.vacancy)
    await request.data.load([vacancy_key, organisation, expert])
    vacancy = request.data.state(vacancy_key, Vacancy)
    accepts_answer = proposal.accepts_answer(request.link.side, request.now)
    context = _work(request, vacancy, organisation) | _person(request, proposal, vacancy, organisation, expert)
    context |= _proposal(request, proposal) | {"accepts_answer": accepts_answer}
    language = _language(request, vacancy, request.data.state(expert, Expert))
    return PageView(
        context,
        proposal.zone,
        language,
        _forms(request, proposal) if accepts_answer else {},
        _confirmation(request, proposal, language),
        _change_hint(request, proposal, language) if accepts_answer else "",
    )


def _proposal(request: PageRequest, proposal: Proposal) -> dict[str, Any]:
    side = request.link.side
    return {
        "proposal": proposal,
        "side": side,
        "answer": proposal.recorded_answer_of(side),
        "reply": proposal.reply_of(side),
        "answer_by": proposal.answers_by(side),
        "reasons_for": reason_sentences(proposal.reasons_for, "reasons_for"),
        "reasons_against": reason_sentences(proposal.reasons_against, "reasons_against"),
        "not_used": [wording.label(code, "not_used") for code in proposal.not_used],
        "decline_reasons": wording.word_lists()["decline_reason"],
    }


def _work(request: PageRequest, vacancy: Vacancy, organisation: str) -> dict[str, Any]:
    return {
        "vacancy": vacancy,
        "title": request.data.text(vacancy.key, "title"),
        "team": request.data.text(vacancy.key, "team-description"),
        "tasks": task_lines(request, vacancy),
        "organisation": request.data.text(organisation, "name"),
        "town": request.data.text(organisation, "place"),
    }


def _person(request: PageRequest, proposal: Proposal, vacancy: Vacancy, organisation: str, expert: str) -> dict[str, Any]:
    """Return the expert's profile; personal names only once both sides accepted."""
    names = request.data.directory.display_names(organisation, vacancy.key, expert, 0) if proposal.status == "formed" else {}
    person = request.data.state(expert, Expert)
    return {
        "expert_name": names.get("expert_name"),
        "coordinator_name": names.get("coordinator_name"),
        "brings": [wording.label(code, "competences") for code in person.competences],
        "experience": wording.label(person.experience, "experience") if person.experience else "",
    }


def _language(request: PageRequest, vacancy: Vacancy, expert: Expert) -> Language:
    """Return the reader's own variant of Dutch, or else the programme's."""
    return (expert.language if request.link.side == "expert" else vacancy.language) or request.policy.language


def _confirmation(request: PageRequest, proposal: Proposal, language: Language) -> tuple[str, ...]:
    """Return this side's answer in sentences: recorded by matching, or only received so far."""
    side, today = request.link.side, local_date(request.now, proposal.zone)
    answer, whose = proposal.answer_of(side), "je" if side == "expert" else "jullie"
    if proposal.reply_of(side):
        return (f"We hebben {whose} antwoord ontvangen: {wording.label(str(answer), 'answer')}.", *_outlook(proposal, answer))
    if proposal.status == "formed" and proposal.starts_on:
        return (f"Jullie hebben allebei ja gezegd. De eerste dag is {wording.day(proposal.starts_on, today, language)}.",)
    if answer is None:
        return ()
    recorded = f"{'Je hebt' if side == 'expert' else 'Jullie hebben'} {wording.label(answer, 'answer')} gezegd."
    if answer == "no":
        return (f"{recorded} Dat is prima. Dit antwoord staat vast.", "Er is niets meer te doen.")
    if proposal.status != "open":
        return (recorded, "Dit voorstel gaat niet door. Er is niets meer te doen.")
    return (recorded, BOTH_YES)


def _outlook(proposal: Proposal, answer: Answer | None) -> tuple[str, ...]:
    """Return the possible consequence of an answer that is not recorded yet."""
    return (BOTH_YES, REFUSAL) if answer == "yes" and proposal.status == "open" else (REFUSAL,)


def _change_hint(request: PageRequest, proposal: Proposal, language: Language) -> str:
    """Return the deadline by which a yes can still become a no."""
    by = proposal.answers_by(request.link.side)
    if by is None or not proposal.answer_of(request.link.side):
        return ""
    until = wording.day(by, local_date(request.now, proposal.zone), language)
    return f"Een ja kan nog veranderen tot en met {until}, zolang het voorstel loopt."


def _forms(request: PageRequest, proposal: Proposal) -> Mapping[str, ReadForm]:
    return {"answer": lambda fields: _read_answer(fields, request, proposal)}


def _read_answer(fields: Mapping[str, str], request: PageRequest, proposal: Proposal) -> Submission:
    form = parse_form(AnswerForm, fields, MESSAGES, {})
    assert proposal.vacancy and proposal.expert
    reason = form.reason if form.answer == "no" else "none"
    reply = ProposalAnswered(proposal.vacancy, proposal.expert, request.entity_id, request.link.side, form.answer, reason)
    return Submission(reply)
