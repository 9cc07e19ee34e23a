"""Answers to the catalogue: what is still open for which gate, and which gate is met (R069-R072, R081-R085, R093-R095). Pure."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

import msgspec

from services.intake.domain import gates, receipts
from services.intake.domain.inputs import ReadinessReported
from services.intake.domain.references import resolve_reference
from services.intake.domain.states import Organisation, State, Vacancy
from shared.messages.envelope import Message
from shared.messages.intake import Receipt, TextFiled

K = TypeVar("K", bound=Organisation | Vacancy)


def decide(states: Mapping[str, State], heard: ReadinessReported) -> Iterator[Message]:
    """The receipt and `readiness-progressed` say what is missing; `readiness-completed` says which gate was met just now."""
    about = _about(states, heard)
    if isinstance(about, Receipt):
        yield about
        return
    now = accept(about, heard)
    open = gates.missing(now)
    yield receipts.accepted(heard, now, open)
    yield gates.progressed(now, open)
    yield from gates.completed(about, now, open)
    for answered in heard.data.answers:
        if answered.note is not None:
            yield TextFiled(now.key, f"note-{answered.item}", answered.note)


def accept(was: K, heard: ReadinessReported) -> K:
    """With the new answers; an item that was not answered again keeps its answer."""
    new = {answered.item: answered.answer for answered in heard.data.answers}
    return msgspec.structs.replace(was, answers={**was.answers, **new})


def _about(states: Mapping[str, State], heard: ReadinessReported) -> Organisation | Vacancy | Receipt:
    organisation = resolve_reference(Organisation, states, heard.organisations, heard, "/data/organisation")
    if isinstance(organisation, Receipt) or not heard.vacancies:
        return organisation
    vacancy = resolve_reference(Vacancy, states, heard.vacancies, heard, "/data/vacancy")
    if isinstance(vacancy, Vacancy) and vacancy.organisation != organisation.id:
        return receipts.refused(heard, "invalid-data", "/data/vacancy", "is a vacancy of another organisation")
    return vacancy
