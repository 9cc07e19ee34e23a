"""The talk after three months: its questions, whether it was held, and another day for it (R132)."""

from collections.abc import Callable, Mapping
from datetime import date, time
from uuid import UUID

from services.notify import wording
from services.notify.domain.tandems import Tandem
from services.notify.evaluation_questions import questions_for
from services.notify.pages.info_pages import language_of, together
from services.notify.pages.views import Form, FormErrors, PageRequest, PageView, parsed
from shared.messages.coaching import MoveReason
from shared.messages.code_lists import Language
from shared.messages.notify import EvaluationHeld, EvaluationMoved, Reply

MEMBERS = ("coordinator", "expert", "partner")
SAY = {
    "held_on": "Kies de dag van het gesprek. Dat is een dag na jullie eerste vier weken, tot en met vandaag.",
    "to": "Kies een dag na vandaag, binnen een half jaar na jullie eerste dag.",
    "same": "Op die dag en dat uur staat het gesprek al.",
    "at": "Schrijf het uur zo: 14:00. Je mag het ook open laten.",
    "reason": "Kies een reden.",
}


CHANGE = "Past die dag toch niet? Op de pagina kun je een andere kiezen."
Read = Callable[[Mapping[str, str]], tuple[Reply, str]]


class Held(Form):
    """The day on which they talked."""

    held_on: date


class Moved(Form):
    """Another day, an hour or none, and why."""

    to: date
    at: time | None = None
    reason: MoveReason


async def view(visit: PageRequest) -> PageView | None:
    """When the talk is, what to prepare in one's own role, and the two forms for those who take part."""
    await visit.known.look([visit.link.about])
    tandem = visit.known.state(visit.link.about, Tandem)
    if tandem.on is None or tandem.starts_on is None:
        return None
    role = visit.link.person.role
    facts = {
        **await together(visit, tandem),
        "tandem": tandem,
        "questions": questions_for(role),
        "member": role in MEMBERS,
        "role": role,
        "reasons": wording.word_lists()["move_reason"],
    }
    forms = _forms(visit, tandem) if tandem.open and role in MEMBERS else {}
    language = await language_of(visit, tandem)
    return PageView(facts, tandem.zone, language, forms, _done(tandem, visit, language), CHANGE if "move" in forms else "")


def _forms(visit: PageRequest, tandem: Tandem) -> Mapping[str, Read]:
    """Another day can be chosen until the talk was held; that it was, from the day on which it may have been."""
    move: Mapping[str, Read] = {"move": lambda fields: _moved(fields, visit, tandem)}
    if not tandem.can_be_held(tandem.today(visit.now), visit.now):
        return move
    return {"held": lambda fields: _held(fields, visit, tandem), **move}


def _done(tandem: Tandem, visit: PageRequest, language: Language) -> tuple[str, ...]:
    """What somebody answered, and what follows; nothing while nobody did."""
    today = tandem.today(visit.now)
    if held := tandem.held_on or tandem.said_held_on:
        return (f"Jullie gesprek was op {wording.day(held, today, language)}.", "Er komen geen herinneringen meer.")
    if tandem.said_to:
        moment = wording.moment(tandem.said_to, tandem.said_at, today, language)
        return (f"Jullie gesprek krijgt een andere dag: {moment}.", "Iedereen krijgt een nieuwe uitnodiging.")
    if tandem.sequence and tandem.on:
        return (f"Jullie gesprek is nu op {wording.moment(tandem.on, tandem.at, today, language)}.",)
    return ()


def _id(tandem: Tandem) -> UUID:
    return UUID(tandem.key.partition("/")[2])


def _held(fields: Mapping[str, str], visit: PageRequest, tandem: Tandem) -> tuple[Reply, str]:
    form = parsed(Held, fields, SAY)
    if not tandem.can_be_held(form.held_on, visit.now):
        raise FormErrors({"held_on": SAY["held_on"]})
    return EvaluationHeld(_id(tandem), visit.link.side, form.held_on), ""


def _moved(fields: Mapping[str, str], visit: PageRequest, tandem: Tandem) -> tuple[Reply, str]:
    form = parsed(Moved, fields, SAY)
    if not tandem.can_move(form.to, visit.now):
        raise FormErrors({"to": SAY["to"]})
    if (form.to, form.at) == tandem.planned:
        raise FormErrors({"to": SAY["same"]})
    return EvaluationMoved(_id(tandem), visit.link.side, form.to, form.at, form.reason), ""
