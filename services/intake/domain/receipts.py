"""The answer to each record. Pure."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from services.intake.domain.gates import Missing
from services.intake.domain.inputs import Input, Submitted
from services.intake.domain.states import KeyedState
from services.intake.problems import Name, problem
from shared.messages.intake import Fault, Problem, Receipt

Outcome = Literal["accepted", "duplicate", "conflict", "rejected"]


def accepted(heard: Submitted, state: KeyedState, open: Missing | None = None, advice: Sequence[Fault] = ()) -> Receipt:
    """It counts; `open` is what the organisation or the vacancy still misses."""
    return _receipt(heard, "accepted", state.key, state.id, open=open, advice=advice)


def duplicate(heard: Submitted, tandem_id: UUID) -> Receipt:
    """The same event again: nothing more happens."""
    return _receipt(heard, "duplicate", heard.subject, tandem_id)


def conflict(heard: Submitted) -> Receipt:
    """Another event under an id that was used before."""
    detail = "An event with this source and id was accepted in the last 30 days. Give this one an id of its own."
    return _receipt(heard, "conflict", heard.subject, problem=problem("conflict", detail))


def refused(heard: Submitted, name: Name, pointer: str, why: str, missing: tuple[str, ...] = ()) -> Receipt:
    """A rule says no, at one place of the event. Nothing changes; the event may be sent again, under the same id."""
    detail = "Nothing was changed. What is wrong stands in errors, with a JSON pointer into the event."
    return rejected(heard, problem(name, detail, Fault(pointer, why), missing=missing))


def rejected(heard: Input, problem: Problem) -> Receipt:
    """The record changes nothing, for this reason."""
    return _receipt(heard, "rejected", heard.subject, problem=problem)


def _receipt(
    heard: Input,
    outcome: Outcome,
    about: str,
    tandem_id: UUID | None = None,
    *,
    open: Missing | None = None,
    advice: Sequence[Fault] = (),
    problem: Problem | None = None,
) -> Receipt:
    arrival = heard.arrival
    return Receipt(
        partner=arrival.partner,
        about=about,
        outcome=outcome,
        topic_name=arrival.topic,
        partition=arrival.partition,
        offset=arrival.offset,
        event_id=arrival.event_id,
        event_source=arrival.event_source,
        event_type=arrival.event_type,
        tandem_id=tandem_id,
        unknown_attributes=arrival.unknown_attributes,
        unknown_fields=arrival.unknown_fields,
        missing_b=open.b if open else None,
        missing_s=open.s if open else None,
        advice=tuple(advice),
        problem=problem,
    )
