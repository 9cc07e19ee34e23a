"""Pages that only show: the steps, a next step, the first weeks, and whom to call."""

from collections.abc import Mapping
from typing import Any

from services.notify import wording
from services.notify.domain.experts import Expert
from services.notify.domain.organisations import Organisation
from services.notify.domain.tandems import Tandem
from services.notify.domain.vacancies import Vacancy
from services.notify.pages.page import Seen, Visit
from shared import catalogue
from shared.messages.codes import Language
from shared.messages.envelope import key


async def steps(visit: Visit) -> Seen | None:
    """What is still open for each gate: the organisation's own points, and those of each of its places (R069, R070)."""
    about = visit.link.about
    await visit.known.look([about])
    organisation = visit.known.state(about, Organisation)
    if organisation.language is None or organisation.zone is None:
        return None
    places = await visit.known.look_for_places(about)
    facts = {
        "name": visit.known.text(about, "name"),
        "before_a_vacancy": by_step(organisation.missing_b),
        "before_the_start": by_step(organisation.missing_s),
        "places": [_place(visit, place) for place in places],
    }
    return Seen(facts, organisation.zone, organisation.language)


def _place(visit: Visit, place: str) -> dict[str, Any]:
    vacancy = visit.known.state(place, Vacancy)
    return {"title": visit.known.text(place, "title"), "open": by_step(vacancy.missing_s), "starts_on": vacancy.starts_on}


def by_step(codes: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    """Open items in words, under the name of their step."""
    items = catalogue.readiness()
    grouped = [
        (step.label, [wording.item(code) for code in codes if code in items and items[code].step == step.number])
        for step in catalogue.steps()
    ]
    return [(label, labels) for label, labels in grouped if labels]


async def next_step(visit: Visit) -> Seen | None:
    """What is still missing for somebody who wants to work as expert, and what helps (R056, R057)."""
    await visit.known.look([visit.link.about])
    expert = visit.known.state(visit.link.about, Expert)
    if expert.language is None or expert.zone is None:
        return None
    trainings = [wording.said(code, "training") for code in visit.policy.trainings_that_count]
    facts = {"missing": expert.missing, "next_step": expert.next_step, "trainings": trainings}
    return Seen(facts, expert.zone, expert.language)


async def first_weeks(visit: Visit) -> Seen | None:
    """What was agreed, and what the first weeks are for (R127-R131)."""
    await visit.known.look([visit.link.about])
    tandem = visit.known.state(visit.link.about, Tandem)
    if tandem.starts_on is None or tandem.on is None:
        return None
    return Seen({**await together(visit, tandem), "tandem": tandem}, tandem.zone, await language_of(visit, tandem))


async def together(visit: Visit, tandem: Tandem) -> Mapping[str, Any]:
    """How those who work together are called; of the partners those who are known."""
    assert tandem.organisation and tandem.vacancy and tandem.expert
    organisation, place = key("organisation", tandem.organisation), key("vacancy", tandem.vacancy)
    expert = key("expert", tandem.expert)
    await visit.known.look([organisation, place, expert])
    partners = visit.known.state(place, Vacancy).partners
    return {"partner_names": [], **visit.known.names.called(organisation, place, expert, partners)}


async def language_of(visit: Visit, tandem: Tandem) -> Language:
    """The organisation's own Dutch, or the programme's."""
    assert tandem.organisation
    about = key("organisation", tandem.organisation)
    await visit.known.look([about])
    return visit.known.state(about, Organisation).language or visit.policy.language


async def help_(visit: Visit) -> Seen | None:
    """Whom to call when there is a problem (L16); the one page that every link leads to."""
    return Seen({}, visit.policy.zone, visit.policy.language)
