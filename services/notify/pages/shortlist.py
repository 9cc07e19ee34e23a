"""The mediator's shortlist: all candidates, none preselected, and the form to pick one with a reason."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field

from services.notify import wording
from services.notify.domain.experts import Expert
from services.notify.domain.people import Person
from services.notify.domain.vacancies import Vacancy
from services.notify.pages.page_context import reason_sentences, task_lines
from services.notify.pages.views import (
    FieldMessages,
    Form,
    FormErrors,
    LocalDate,
    PageRequest,
    PageView,
    ReadForm,
    Submission,
    parse_form,
)
from shared.messages.code_lists import Language
from shared.messages.ids import entity_key
from shared.messages.matching import Candidate, PickReason
from shared.messages.notify import CandidatePicked
from shared.programme.first_day import first_day_range, first_working_day, requested_first_day
from shared.programme.local_dates import local_date

NO_LONGER_LISTED = "Deze persoon staat niet meer op de lijst. Wil je nog eens kijken?"
MESSAGES = {
    "expert": FieldMessages("Je koos nog niemand.", NO_LONGER_LISTED),
    "why": FieldMessages("Kies waarom je deze persoon voorstelt.", "Kies een reden uit de lijst."),
    "words": FieldMessages("", "Je tekst is langer dan 500 tekens. Maak hem korter."),
}
MAX_REVISION_DIGITS = 10


def _revision(value: Any) -> int:
    """Return the number in the hidden field, or 0 for anything else: it serves auditing only, and no person typed it."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < MAX_REVISION_DIGITS else 0


class PickForm(Form):
    """The candidate, the reason and the first day; `revision` identifies the shortlist that the page showed."""

    expert: UUID
    why: PickReason
    words: str = Field("", max_length=500)
    starts_on: LocalDate | None = None
    revision: Annotated[int, BeforeValidator(_revision)] = 0


async def view(request: PageRequest) -> PageView | None:
    """Show all candidates with their reasons (R125, R126); they are sorted, but none is preselected."""
    about = request.link.about
    await request.data.load([about])
    vacancy = request.data.state(about, Vacancy)
    if vacancy.organisation is None or vacancy.zone is None or vacancy.language is None or vacancy.starts_on is None:
        return None
    if vacancy.revision == 0:
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
        **_first_day(vacancy, vacancy.starts_on, today),
        "pick_reasons": wording.word_lists()["pick_reason"],
    }
    return PageView(context, vacancy.zone, vacancy.language, _forms(request, vacancy, today), _confirmation(vacancy, picked, today))


def _candidate(request: PageRequest, number: int, candidate: Candidate) -> dict[str, Any]:
    expert = request.data.state(entity_key("expert", candidate.expert), Expert)
    return {
        "id": str(candidate.expert),
        "label": f"Persoon {number}",
        "name": _expert_name(request, candidate.expert),
        "maybe_listed_twice": bool(candidate.possible_duplicate_of),
        "experience": wording.label(candidate.experience, "experience"),
        "brings": [wording.label(code, "competences") for code in expert.competences],
        "reasons_for": reason_sentences(candidate.reasons_for, "reasons_for"),
        "reasons_against": reason_sentences(candidate.reasons_against, "reasons_against"),
    }


def _expert_name(request: PageRequest, expert: UUID | None) -> str:
    contact = request.data.directory.contact(Person(entity_key("expert", expert), "expert")) if expert else None
    return contact.name if contact else ""


def _first_day(vacancy: Vacancy, wanted: date, today: date) -> dict[str, Any]:
    """Return the days that can be chosen, the proposed one if the organisation's own is among them, and its working day."""
    days, requested = first_day_range(today), requested_first_day(None, wanted, today)
    working_day = first_working_day(requested, today, _language(vacancy)) if requested else None
    proposed = working_day if working_day in days else requested
    return {"days": days, "first_day": proposed, "shifted_to": working_day if working_day != requested else None}


def _language(vacancy: Vacancy) -> Language:
    assert vacancy.language, "a vacancy that is shown is open"
    return vacancy.language


def _confirmation(vacancy: Vacancy, picked: str, today: date) -> tuple[str, ...]:
    """Return the mediator's pick in sentences: proposed by matching, or only received so far."""
    if not vacancy.picked:
        return ()
    shift = _shift_notice(vacancy, today)
    if vacancy.match:
        return (f"Je koos {picked or 'deze persoon'}.", "Het voorstel is onderweg naar beide kanten.", *shift)
    received = f"We hebben je keuze ontvangen: {picked or 'deze persoon'}."
    return (received, "We maken het voorstel klaar. Lukt dat niet? Dan krijg je daar een mail over.", *shift)


def _shift_notice(vacancy: Vacancy, today: date) -> tuple[str, ...]:
    """Return that the first day becomes a later one, if the requested one is no working day."""
    requested = vacancy.picked_first_day or vacancy.starts_on
    kind = wording.day_off(requested, _language(vacancy)) if requested else ""
    if not requested or not kind:
        return ()
    day, first_day = (
        wording.day(on, today, _language(vacancy)) for on in (requested, first_working_day(requested, today, _language(vacancy)))
    )
    return (f"Je koos {day}. Dat is {kind}. De eerste dag wordt {first_day}.",)


def _forms(request: PageRequest, vacancy: Vacancy, today: date) -> Mapping[str, ReadForm]:
    if not (vacancy.can_pick and vacancy.candidates and request.link.person.role == "mediator"):
        return {}
    return {"pick": lambda fields: _read_pick(fields, request, vacancy, today)}


def _read_pick(fields: Mapping[str, str], request: PageRequest, vacancy: Vacancy, today: date) -> Submission:
    days = first_day_range(today)
    first, last = (wording.day(day, today, _language(vacancy)) for day in days)
    between = f"Kies een dag van {first} tot en met {last}."
    form = parse_form(PickForm, fields, MESSAGES | {"starts_on": FieldMessages(between, between)}, {"starts_on": days})
    if (candidate := vacancy.candidate(form.expert)) is None:
        raise FormErrors({"expert": NO_LONGER_LISTED})
    if vacancy.starts_on and not requested_first_day(form.starts_on, vacancy.starts_on, today):
        raise FormErrors({"starts_on": between})
    duplicates = candidate.possible_duplicate_of
    picked = CandidatePicked(request.entity_id, form.expert, form.why, form.starts_on, form.revision, duplicates)
    return Submission(picked, form.words)
