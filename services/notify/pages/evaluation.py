"""The evaluation after three months (R132): its questions, the form to report that it was held, and the form to move it."""

from collections.abc import Mapping
from datetime import date

from services.notify import wording
from services.notify.domain.tandems import PARTICIPANTS, Tandem
from services.notify.evaluation_questions import questions_for
from services.notify.pages.page_context import tandem_language, tandem_names
from services.notify.pages.views import (
    ClockTime,
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
from shared.messages.coaching import MoveReason
from shared.messages.code_lists import Language
from shared.messages.notify import EvaluationHeld, EvaluationMoved
from shared.programme.date_range import DateRange

MOVE_MESSAGES = {
    "at": FieldMessages("", "Schrijf het uur zo: 14:00. Je mag het ook leeg laten."),
    "reason": FieldMessages("Kies waarom het een andere dag wordt.", "Kies een reden uit de lijst."),
}
SAME_MOMENT = "Op die dag en dat uur staat het gesprek al."
REFUSAL = "Lukt dat niet meer? Dan krijg je daar een mail over."
CHANGE_HINT = "Past die dag toch niet? Op de pagina kun je een andere kiezen."


class HeldForm(Form):
    """The day on which the evaluation was held."""

    held_on: LocalDate


class MoveForm(Form):
    """Another day, an optional time, and the reason."""

    to: LocalDate
    at: ClockTime | None = None
    reason: MoveReason


async def view(request: PageRequest) -> PageView | None:
    """Show the date of the evaluation and the questions of this role; participants also get the forms."""
    await request.data.load([request.link.about])
    tandem = request.data.state(request.link.about, Tandem)
    if tandem.on is None or tandem.starts_on is None:
        return None
    role = request.link.person.role
    context = {
        **await tandem_names(request, tandem),
        "tandem": tandem,
        "questions": questions_for(role),
        "is_participant": role in PARTICIPANTS,
        "role": role,
        "move_reasons": wording.word_lists()["move_reason"],
        "held_range": tandem.held_range(request.now),
        "move_range": tandem.move_range(request.now),
    }
    language = await tandem_language(request, tandem)
    forms = _forms(request, tandem, language) if tandem.open and role in PARTICIPANTS else {}
    change_hint = CHANGE_HINT if "move" in forms else ""
    return PageView(context, tandem.zone, language, forms, _confirmation(request, tandem, language), change_hint)


def _confirmation(request: PageRequest, tandem: Tandem, language: Language) -> tuple[str, ...]:
    """Return a participant's answer in sentences: recorded by coaching, or only received so far."""
    today = tandem.today(request.now)
    if tandem.held_on:
        return (f"Jullie gesprek was op {wording.day(tandem.held_on, today, language)}.", "Er komen geen herinneringen meer.")
    if tandem.reported_held_on:
        on = wording.day(tandem.reported_held_on, today, language)
        return (f"We hebben je antwoord ontvangen: het gesprek was op {on}.", REFUSAL)
    if tandem.requested_date:
        moment = wording.moment(tandem.requested_date, tandem.requested_time, today, language)
        received = f"We hebben je keuze ontvangen: {moment}."
        return (received, *_day_off_warning(tandem.requested_date, language), "Iedereen krijgt een nieuwe uitnodiging.", REFUSAL)
    if tandem.sequence and tandem.on:
        moment = wording.moment(tandem.on, tandem.at, today, language)
        return (f"Jullie gesprek is nu op {moment}.", *_day_off_warning(tandem.on, language))
    return ()


def _day_off_warning(on: date, language: Language) -> tuple[str, ...]:
    """Return a warning if this is no working day. People may choose one."""
    kind = wording.day_off(on, language)
    return (f"Let op: dat is {kind}. Past dat voor iedereen?",) if kind else ()


def _forms(request: PageRequest, tandem: Tandem, language: Language) -> Mapping[str, ReadForm]:
    """Return the forms with at least one possible day: to report the evaluation, and to move it."""
    today = tandem.today(request.now)
    forms: dict[str, ReadForm] = {}
    if (held_range := tandem.held_range(request.now)) and not held_range.is_empty:
        between = _between(held_range, today, language)
        forms["held"] = lambda fields: _read_held(fields, request, tandem, between)
    if (move_range := tandem.move_range(request.now)) and not move_range.is_empty:
        days = _between(move_range, today, language)
        forms["move"] = lambda fields: _read_move(fields, request, tandem, days)
    return forms


def _between(days: DateRange, today: date, language: Language) -> str:
    return f"Kies een dag van {wording.day(days.first, today, language)} tot en met {wording.day(days.last, today, language)}."


def _read_held(fields: Mapping[str, str], request: PageRequest, tandem: Tandem, between: str) -> Submission:
    messages, days = {"held_on": FieldMessages("Kies de dag waarop het gesprek was.", between)}, tandem.held_range(request.now)
    form = parse_form(HeldForm, fields, messages, {"held_on": days})
    return Submission(EvaluationHeld(request.entity_id, request.link.side, form.held_on))


def _read_move(fields: Mapping[str, str], request: PageRequest, tandem: Tandem, between: str) -> Submission:
    messages, days = MOVE_MESSAGES | {"to": FieldMessages("Kies een nieuwe dag.", between)}, tandem.move_range(request.now)
    form = parse_form(MoveForm, fields, messages, {"to": days})
    if (form.to, form.at) == tandem.planned:
        raise FormErrors({"to": SAME_MOMENT})
    return Submission(EvaluationMoved(request.entity_id, request.link.side, form.to, form.at, form.reason))
