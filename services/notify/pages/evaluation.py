"""The evaluation after three months (R132): its questions, the form to report that it was held, and the form to move it."""

from collections.abc import Mapping
from datetime import date, time

from services.notify import wording
from services.notify.domain.tandems import PARTICIPANTS, Tandem
from services.notify.evaluation_questions import questions_for
from services.notify.pages.page_context import tandem_language, tandem_names
from services.notify.pages.views import Form, FormErrors, PageRequest, PageView, ReadForm, Submission, parse_form
from shared.messages.coaching import MoveReason
from shared.messages.code_lists import Language
from shared.messages.notify import EvaluationHeld, EvaluationMoved

ERROR_MESSAGES = {
    "held_on": "Kies de dag van het gesprek. Dat is een dag na jullie eerste vier weken, tot en met vandaag.",
    "to": "Kies een dag na vandaag, binnen een half jaar na jullie eerste dag.",
    "at": "Schrijf het uur zo: 14:00. Je mag het ook open laten.",
    "reason": "Kies een reden.",
}
SAME_MOMENT = "Op die dag en dat uur staat het gesprek al."
CHANGE_HINT = "Past die dag toch niet? Op de pagina kun je een andere kiezen."


class HeldForm(Form):
    """The day on which the evaluation was held."""

    held_on: date


class MoveForm(Form):
    """Another day, an optional time, and the reason."""

    to: date
    at: time | None = None
    reason: MoveReason


async def view(request: PageRequest) -> PageView | None:
    """Show when the evaluation is and what this role prepares; participants also get the forms."""
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
    }
    forms = _forms(request, tandem) if tandem.open and role in PARTICIPANTS else {}
    language = await tandem_language(request, tandem)
    change_hint = CHANGE_HINT if "move" in forms else ""
    return PageView(context, tandem.zone, language, forms, _confirmation(request, tandem, language), change_hint)


def _confirmation(request: PageRequest, tandem: Tandem, language: Language) -> tuple[str, ...]:
    """Return what a participant answered, and what follows from it."""
    today = tandem.today(request.now)
    if held_on := tandem.held_on or tandem.reported_held_on:
        return (f"Jullie gesprek was op {wording.day(held_on, today, language)}.", "Er komen geen herinneringen meer.")
    if tandem.requested_date:
        moment = wording.moment(tandem.requested_date, tandem.requested_time, today, language)
        return (f"Jullie gesprek krijgt een andere dag: {moment}.", "Iedereen krijgt een nieuwe uitnodiging.")
    if tandem.sequence and tandem.on:
        return (f"Jullie gesprek is nu op {wording.moment(tandem.on, tandem.at, today, language)}.",)
    return ()


def _forms(request: PageRequest, tandem: Tandem) -> Mapping[str, ReadForm]:
    """Return the form to move the evaluation, and the one to report it from the first day on which it may be held."""
    move: Mapping[str, ReadForm] = {"move": lambda fields: _read_move(fields, request, tandem)}
    if not tandem.can_be_held(tandem.today(request.now), request.now):
        return move
    return {"held": lambda fields: _read_held(fields, request, tandem), **move}


def _read_held(fields: Mapping[str, str], request: PageRequest, tandem: Tandem) -> Submission:
    form = parse_form(HeldForm, fields, ERROR_MESSAGES)
    if not tandem.can_be_held(form.held_on, request.now):
        raise FormErrors({"held_on": ERROR_MESSAGES["held_on"]})
    return Submission(EvaluationHeld(request.entity_id, request.link.side, form.held_on))


def _read_move(fields: Mapping[str, str], request: PageRequest, tandem: Tandem) -> Submission:
    form = parse_form(MoveForm, fields, ERROR_MESSAGES)
    if not tandem.can_move(form.to, request.now):
        raise FormErrors({"to": ERROR_MESSAGES["to"]})
    if (form.to, form.at) == tandem.planned:
        raise FormErrors({"to": SAME_MOMENT})
    return Submission(EvaluationMoved(request.entity_id, request.link.side, form.to, form.at, form.reason))
