"""Replies about the evaluation that change nothing: each has a reason, and is published so that the person is informed. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from services.coaching.domain.tandem import Tandem
from shared.messages.coaching import EvaluationRefusal, ReplyRefused
from shared.messages.code_lists import Role, Side
from shared.messages.envelope import Envelope
from shared.messages.notify import EvaluationHeld, EvaluationMoved, ReplyReceived
from shared.programme.date_range import DateRange
from shared.programme.evaluation_window import held_range, move_range

SIDE_OF_ROLE: Final[Mapping[Role, Side]] = {"expert": "expert", "coordinator": "organisation", "partner": "organisation"}
"""The roles that report or move an evaluation, the tandem partner included; matching has a stricter rule for proposals."""


def of_held(tandem: Tandem, role: Role, held: EvaluationHeld, today: date) -> EvaluationRefusal | None:
    """Return why the report is not accepted, or None if it is."""
    if reason := _of_reply(tandem, role, held.side):
        return reason
    if not (allowed := allowed_days(tandem, held, today)):
        return "not_started"
    return None if held.held_on in allowed else "date"


def of_move(tandem: Tandem, role: Role, moved: EvaluationMoved, today: date) -> EvaluationRefusal | None:
    """Return why the evaluation does not move, or None if it does."""
    if reason := _of_reply(tandem, role, moved.side):
        return reason
    allowed = allowed_days(tandem, moved, today)
    return None if allowed and moved.to in allowed else "date"


def _of_reply(tandem: Tandem, role: Role, side: Side) -> EvaluationRefusal | None:
    if SIDE_OF_ROLE.get(role) != side:
        return "not_allowed"
    if not tandem.formed or not tandem.evaluation:
        return "not_scheduled"
    return "already_held" if tandem.evaluation.held_on else None


def allowed_days(tandem: Tandem, reply: EvaluationHeld | EvaluationMoved, today: date) -> DateRange | None:
    """Return the days that the reply may name, or None if there are none yet."""
    if isinstance(reply, EvaluationHeld):
        return held_range(tandem.exploring_since, today) if tandem.exploring_since else None
    first_day = tandem.exploring_since or (tandem.formed and tandem.formed.starts_on)
    return move_range(first_day, today) if first_day else None


def refuse(
    reply: EvaluationHeld | EvaluationMoved, reason: EvaluationRefusal, allowed: DateRange | None, incoming: Envelope[ReplyReceived]
) -> ReplyRefused:
    """Return the refusal, with the days allowed if the day was the reason."""
    shown = allowed if reason == "date" and allowed and not allowed.is_empty else None
    return ReplyRefused(
        reply=incoming.id,
        role=incoming.data.role,
        nth=incoming.data.nth,
        tandem=reply.tandem,
        action="held" if isinstance(reply, EvaluationHeld) else "moved",
        day=reply.held_on if isinstance(reply, EvaluationHeld) else reply.to,
        reason=reason,
        earliest=shown and shown.first,
        latest=shown and shown.last,
    )
