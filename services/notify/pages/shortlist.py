"""The mediator's list: everybody who can do it, none chosen beforehand, and why somebody is proposed."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from services.notify import wording
from services.notify.domain.emails import Person
from services.notify.domain.experts import Expert
from services.notify.domain.vacancies import Vacancy
from services.notify.pages.views import Form, FormErrors, PageRequest, PageView, parsed
from shared.messages.envelope import entity_key
from shared.messages.matching import Candidate, PickReason
from shared.messages.notify import CandidatePicked, Reply
from shared.programme.local_dates import local_date, within_planning_horizon

SAY = {
    "expert": "Kies één persoon.",
    "why": "Kies waarom je deze persoon voorstelt.",
    "words": "Houd het korter dan 500 tekens.",
    "starts_on": "Kies een dag vanaf vandaag, binnen een jaar.",
    "gone": "Deze persoon staat niet meer op de lijst. Wil je nog eens kijken?",
}


class Pick(Form):
    """Who, why, and from which day."""

    expert: UUID
    why: PickReason
    words: str = Field("", max_length=500)
    starts_on: date | None = None
    revision: int


async def view(visit: PageRequest) -> PageView | None:
    """All candidates with their reasons (R125, R126). The list only sorts; it chooses nobody."""
    about = visit.link.about
    await visit.known.look([about])
    vacancy = visit.known.state(about, Vacancy)
    if vacancy.organisation is None or vacancy.zone is None or vacancy.language is None or vacancy.revision == 0:
        return None
    organisation = entity_key("organisation", vacancy.organisation)
    people = [entity_key("expert", one.expert) for one in vacancy.candidates]
    picked = [entity_key("expert", vacancy.picked)] if vacancy.picked else []
    await visit.known.look([organisation, *people, *picked])
    today = local_date(visit.now, vacancy.zone)
    facts = {
        "vacancy": vacancy,
        "title": visit.known.text(about, "title"),
        "organisation": visit.known.text(organisation, "name"),
        "tasks": tasks(visit, about, vacancy),
        "candidates": [_person(visit, nth, one) for nth, one in enumerate(vacancy.candidates, 1)],
        "picked": _name(visit, vacancy.picked),
        "first_day": max(vacancy.starts_on or today, today),
        "why": wording.word_lists()["pick_reason"],
    }
    may_pick = vacancy.choosable and vacancy.candidates and visit.link.person.role == "mediator"
    forms = {"pick": lambda fields: _read(fields, visit, vacancy)} if may_pick else {}
    return PageView(facts, vacancy.zone, vacancy.language, forms, _done(vacancy, facts["picked"]))


def _done(vacancy: Vacancy, name: str) -> tuple[str, ...]:
    """Who was picked, as far as somebody is."""
    if not vacancy.picked:
        return ()
    then = "Het voorstel is onderweg naar beide kanten." if vacancy.match else "We maken het voorstel klaar."
    return (f"Je koos {name or 'deze persoon'}.", then)


def tasks(visit: PageRequest, about: str, vacancy: Vacancy) -> list[tuple[str, str]]:
    """Each task in words, with the goal that the organisation wrote (R084)."""
    return [
        (wording.label(task.category, "tasks"), visit.known.text(about, f"goal-{nth}")) for nth, task in enumerate(vacancy.tasks)
    ]


def _person(visit: PageRequest, nth: int, candidate: Candidate) -> dict[str, Any]:
    expert = visit.known.state(entity_key("expert", candidate.expert), Expert)
    return {
        "id": str(candidate.expert),
        "label": f"Persoon {nth}",
        "name": _name(visit, candidate.expert),
        "experience": wording.label(candidate.experience, "experience"),
        "brings": [wording.label(code, "competences") for code in expert.competences],
        "reasons_for": reasons(candidate.reasons_for, "reasons_for"),
        "reasons_against": reasons(candidate.reasons_against, "reasons_against"),
    }


def reasons(found: Any, side: str) -> list[str]:
    """Reasons as sentences, the same for everybody who reads them."""
    return [wording.reason({"dimension": one.dimension, "codes": one.codes}, side) for one in found]


def _name(visit: PageRequest, expert: UUID | None) -> str:
    contact = visit.known.names.contact(Person(entity_key("expert", expert), "expert")) if expert else None
    return contact.name if contact else ""


def _read(fields: Mapping[str, str], visit: PageRequest, vacancy: Vacancy) -> tuple[Reply, str]:
    form = parsed(Pick, fields, SAY)
    if vacancy.candidate(form.expert) is None:
        raise FormErrors({"expert": SAY["gone"]})
    today = local_date(visit.now, vacancy.zone or visit.policy.zone)
    if form.starts_on and not (form.starts_on >= today and within_planning_horizon(form.starts_on, today)):
        raise FormErrors({"starts_on": SAY["starts_on"]})
    id = UUID(vacancy.key.partition("/")[2])
    return CandidatePicked(id, form.expert, form.why, form.starts_on, form.revision), form.words
