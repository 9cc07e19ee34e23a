"""Pages that only show: a next step, the first weeks, and whom to call."""

from collections.abc import Mapping
from typing import Any

from services.notify import wording
from services.notify.domain.experts import Expert
from services.notify.domain.organisations import Organisation
from services.notify.domain.tandems import Tandem
from services.notify.domain.vacancies import Vacancy
from services.notify.pages.views import PageRequest, PageView
from shared.messages.code_lists import Language
from shared.messages.envelope import entity_key

UNKNOWN: Mapping[str, Any] = {
    "organisation_name": "",
    "vacancy_title": "",
    "expert_name": "",
    "coordinator_name": "",
    "coordinator_email": "",
    "coordinator_phone": "",
    "partner_names": [],
}
"""How those are called whom nobody named yet."""


async def next_step(visit: PageRequest) -> PageView | None:
    """What is still missing for somebody who wants to work as expert, and what helps (R056, R057)."""
    await visit.known.look([visit.link.about])
    expert = visit.known.state(visit.link.about, Expert)
    if expert.language is None or expert.zone is None:
        return None
    trainings = [wording.label(code, "training") for code in visit.policy.trainings_that_count]
    facts = {"missing": expert.missing, "next_step": expert.next_step, "trainings": trainings}
    return PageView(facts, expert.zone, expert.language)


async def first_weeks(visit: PageRequest) -> PageView | None:
    """What was agreed, and what the first weeks are for (R127-R131)."""
    await visit.known.look([visit.link.about])
    tandem = visit.known.state(visit.link.about, Tandem)
    if tandem.starts_on is None or tandem.on is None:
        return None
    facts = {**await together(visit, tandem), "tandem": tandem, "open_items": _open(visit, tandem)}
    return PageView(facts, tandem.zone, await language_of(visit, tandem))


def _open(visit: PageRequest, tandem: Tandem) -> list[str]:
    """What the coordinator still sees to before the pair begins."""
    if tandem.began_on or visit.link.person.role != "coordinator":
        return []
    assert tandem.organisation and tandem.vacancy
    organisation = visit.known.state(entity_key("organisation", tandem.organisation), Organisation)
    place = visit.known.state(entity_key("vacancy", tandem.vacancy), Vacancy)
    return [wording.item(code) for code in (*organisation.missing_b, *organisation.missing_s, *place.missing_s)]


async def together(visit: PageRequest, tandem: Tandem) -> Mapping[str, Any]:
    """How those who work together are called; of the partners those who are known."""
    assert tandem.organisation and tandem.vacancy and tandem.expert
    organisation, place = entity_key("organisation", tandem.organisation), entity_key("vacancy", tandem.vacancy)
    expert = entity_key("expert", tandem.expert)
    await visit.known.look([organisation, place, expert])
    partners = visit.known.state(place, Vacancy).partners
    return {**UNKNOWN, **visit.known.names.called(organisation, place, expert, partners)}


async def language_of(visit: PageRequest, tandem: Tandem) -> Language:
    """The organisation's own Dutch, or the programme's."""
    assert tandem.organisation
    about = entity_key("organisation", tandem.organisation)
    await visit.known.look([about])
    return visit.known.state(about, Organisation).language or visit.policy.language


async def help_(visit: PageRequest) -> PageView | None:
    """Whom to call when there is a problem (L16); the one page that every link leads to."""
    return PageView({}, visit.policy.zone, visit.policy.language)
