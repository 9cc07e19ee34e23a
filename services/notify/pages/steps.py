"""The step plan of an organisation and of each of its vacancies: the items done, and those still open for each gate."""

from typing import Any, Literal

from services.notify import wording
from services.notify.domain.organisations import Organisation
from services.notify.domain.vacancies import Vacancy
from services.notify.pages.views import PageRequest, PageView
from shared.programme import readiness_catalogue

Scope = Literal["organisation", "vacancy"]


async def view(request: PageRequest) -> PageView | None:
    """Show the open readiness items of the organisation and of each of its vacancies, by step and gate (R069, R070)."""
    about = request.link.about
    await request.data.load([about])
    organisation = request.data.state(about, Organisation)
    if organisation.language is None or organisation.zone is None:
        return None
    vacancies = await request.data.load_vacancies(about)
    context = {
        "name": request.data.text(about, "name"),
        "can_open": not organisation.missing_b,
        "organisation_steps": step_list("organisation", organisation.missing_b, organisation.missing_s),
        "vacancies": [_vacancy_steps(request, vacancy) for vacancy in vacancies],
    }
    return PageView(context, organisation.zone, organisation.language)


def _vacancy_steps(request: PageRequest, key: str) -> dict[str, Any]:
    vacancy = request.data.state(key, Vacancy)
    return {
        "title": request.data.text(key, "title"),
        "ready": not vacancy.missing_s,
        "steps": step_list("vacancy", (), vacancy.missing_s),
        "starts_on": vacancy.starts_on,
    }


def step_list(scope: Scope, missing_b: tuple[str, ...], missing_s: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the catalogue's steps with their state and open items in words.

    An organisation's list has all steps; a vacancy's list has only those with items of its own.
    """
    shown = [step for step in readiness_catalogue.steps() if scope == "organisation" or _gate_items(step, scope)]
    return [_step(step, scope, missing_b, missing_s) for step in shown]


def _step(step: readiness_catalogue.Step, scope: Scope, missing_b: tuple[str, ...], missing_s: tuple[str, ...]) -> dict[str, Any]:
    items = _gate_items(step, scope)
    before_a_vacancy, before_the_start = _labels(step, missing_b), _labels(step, missing_s)
    state = "open" if before_a_vacancy or before_the_start else "klaar"
    if state == "klaar" and all(item.condition != "always" for item in items):
        state = "klaar of niet nodig" if items else "bij elke vacature apart"
    return {
        "number": step.number,
        "label": step.label,
        "state": state,
        "before_a_vacancy": before_a_vacancy,
        "before_the_start": before_the_start,
    }


def _gate_items(step: readiness_catalogue.Step, scope: Scope) -> list[readiness_catalogue.Item]:
    """Return the items of this step and scope that a gate requires; items of gate A are advice."""
    items = readiness_catalogue.readiness_items().values()
    return [item for item in items if item.step == step.number and item.scope == scope and item.gate != "A"]


def _labels(step: readiness_catalogue.Step, codes: tuple[str, ...]) -> list[str]:
    items = readiness_catalogue.readiness_items()
    return [wording.item(code) for code in codes if code in items and items[code].step == step.number]
