"""The steps of an organisation and of each of its places: what is done, and what is still open for each gate."""

from typing import Any, Literal

from services.notify import wording
from services.notify.domain.organisations import Organisation
from services.notify.domain.vacancies import Vacancy
from services.notify.pages.views import PageRequest, PageView
from shared.programme import readiness_catalogue

Scope = Literal["organisation", "vacancy"]


async def view(visit: PageRequest) -> PageView | None:
    """What is still open for each gate: the organisation's own points, and those of each of its places (R069, R070)."""
    about = visit.link.about
    await visit.known.look([about])
    organisation = visit.known.state(about, Organisation)
    if organisation.language is None or organisation.zone is None:
        return None
    places = await visit.known.look_for_places(about)
    facts = {
        "name": visit.known.text(about, "name"),
        "can_open": not organisation.missing_b,
        "organisation_steps": stepwise("organisation", organisation.missing_b, organisation.missing_s),
        "places": [_place(visit, place) for place in places],
    }
    return PageView(facts, organisation.zone, organisation.language)


def _place(visit: PageRequest, place: str) -> dict[str, Any]:
    vacancy = visit.known.state(place, Vacancy)
    return {
        "title": visit.known.text(place, "title"),
        "ready": not vacancy.missing_s,
        "steps": stepwise("vacancy", (), vacancy.missing_s),
        "starts_on": vacancy.starts_on,
    }


def stepwise(scope: Scope, missing_b: tuple[str, ...], missing_s: tuple[str, ...]) -> list[dict[str, Any]]:
    """The catalogue's steps with their state, and what is open in words; a step of the other scope is seen to there."""
    shown = [step for step in readiness_catalogue.steps() if scope == "organisation" or _needed(step, scope)]
    return [_step(step, scope, missing_b, missing_s) for step in shown]


def _step(step: readiness_catalogue.Step, scope: Scope, missing_b: tuple[str, ...], missing_s: tuple[str, ...]) -> dict[str, Any]:
    mine = _needed(step, scope)
    before_a_vacancy, before_the_start = _labels(step, missing_b), _labels(step, missing_s)
    state = "open" if before_a_vacancy or before_the_start else "klaar"
    if state == "klaar" and all(item.condition != "always" for item in mine):
        state = "klaar of niet nodig" if mine else "bij elke vacature apart"
    return {
        "number": step.number,
        "label": step.label,
        "state": state,
        "before_a_vacancy": before_a_vacancy,
        "before_the_start": before_the_start,
    }


def _needed(step: readiness_catalogue.Step, scope: Scope) -> list[readiness_catalogue.Item]:
    """What a gate asks for in this step; advice alone is never open."""
    items = readiness_catalogue.readiness().values()
    return [item for item in items if item.step == step.number and item.scope == scope and item.gate != "A"]


def _labels(step: readiness_catalogue.Step, codes: tuple[str, ...]) -> list[str]:
    items = readiness_catalogue.readiness()
    return [wording.item(code) for code in codes if code in items and items[code].step == step.number]
