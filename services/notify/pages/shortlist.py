"""The mediator's shortlist: all candidates, none preselected, and the form to pick one with a reason."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from services.notify import wording
from services.notify.domain.experts import Expert
from services.notify.domain.people import Person
from services.notify.domain.vacancies import Vacancy
from services.notify.pages.page_context import reason_sentences, task_lines
from services.notify.pages.views import Form, FormErrors, PageRequest, PageView, ReadForm, Submission, parse_form
from shared.messages.ids import entity_key
from shared.messages.matching import Candidate, PickReason
from shared.messages.notify import CandidatePicked
from shared.programme.local_dates import local_date, within_planning_horizon

ERROR_MESSAGES = {
    "expert": "Kies één persoon.",
    "why": "Kies waarom je deze persoon voorstelt.",
    "words": "Houd het korter dan 500 tekens.",
    "starts_on": "Kies een dag vanaf vandaag, binnen een jaar.",
}
NO_LONGER_LISTED = "Deze persoon staat niet meer op de lijst. Wil je nog eens kijken?"


class PickForm(Form):
    """Who, why, and from which day; `revision` is the shortlist that the page showed."""

    expert: UUID
    why: PickReason
    words: str = Field("", max_length=500)
    starts_on: date | None = None
    revision: int


async def view(request: PageRequest) -> PageView | None:
    """Show all candidates with their reasons (R125, R126); they are sorted, but none is preselected."""
    about = request.link.about
    await request.data.load([about])
    vacancy = request.data.state(about, Vacancy)
    if vacancy.organisation is None or vacancy.zone is None or vacancy.language is None or vacancy.revision == 0:
        return None
    experts = [candidate.expert for candidate in vacancy.candidates] + ([vacancy.picked] if vacancy.picked else [])
    organisation = entity_key("organisation", vacancy.organisation)
    await request.data.load([organisation, *(entity_key("expert", expert) for expert in experts)])
    today, picked = local_date(request.now, vacancy.zone), _expert_name(request, vacancy.picked)
    context = {
        "vacancy": vacancy,
        "title": request.data.text(about, "title"),
        "organisation": request.data.text(organisation, "name"),
        "tasks": task_lines(request, vacancy),
        "candidates": [_candidate(request, number, candidate) for number, candidate in enumerate(vacancy.candidates, 1)],
        "picked": picked,
        "first_day": max(vacancy.starts_on or today, today),
        "pick_reasons": wording.word_lists()["pick_reason"],
    }
    return PageView(context, vacancy.zone, vacancy.language, _forms(request, vacancy), _confirmation(vacancy, picked))


def _candidate(request: PageRequest, number: int, candidate: Candidate) -> dict[str, Any]:
    expert = request.data.state(entity_key("expert", candidate.expert), Expert)
    return {
        "id": str(candidate.expert),
        "label": f"Persoon {number}",
        "name": _expert_name(request, candidate.expert),
        "experience": wording.label(candidate.experience, "experience"),
        "brings": [wording.label(code, "competences") for code in expert.competences],
        "reasons_for": reason_sentences(candidate.reasons_for, "reasons_for"),
        "reasons_against": reason_sentences(candidate.reasons_against, "reasons_against"),
    }


def _expert_name(request: PageRequest, expert: UUID | None) -> str:
    contact = request.data.directory.contact(Person(entity_key("expert", expert), "expert")) if expert else None
    return contact.name if contact else ""


def _confirmation(vacancy: Vacancy, picked: str) -> tuple[str, ...]:
    if not vacancy.picked:
        return ()
    then = "Het voorstel is onderweg naar beide kanten." if vacancy.match else "We maken het voorstel klaar."
    return (f"Je koos {picked or 'deze persoon'}.", then)


def _forms(request: PageRequest, vacancy: Vacancy) -> Mapping[str, ReadForm]:
    if not (vacancy.can_pick and vacancy.candidates and request.link.person.role == "mediator"):
        return {}
    return {"pick": lambda fields: _read_pick(fields, request, vacancy)}


def _read_pick(fields: Mapping[str, str], request: PageRequest, vacancy: Vacancy) -> Submission:
    form = parse_form(PickForm, fields, ERROR_MESSAGES)
    if vacancy.candidate(form.expert) is None:
        raise FormErrors({"expert": NO_LONGER_LISTED})
    today = local_date(request.now, vacancy.zone or request.policy.zone)
    if form.starts_on and not (form.starts_on >= today and within_planning_horizon(form.starts_on, today)):
        raise FormErrors({"starts_on": ERROR_MESSAGES["starts_on"]})
    return Submission(CandidatePicked(request.entity_id, form.expert, form.why, form.starts_on, form.revision), form.words)
