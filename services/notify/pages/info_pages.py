"""Pages without a form: the next step, the first weeks, and help."""

from services.notify import wording
from services.notify.domain.experts import Expert
from services.notify.domain.organisations import Organisation
from services.notify.domain.tandems import Tandem
from services.notify.domain.vacancies import Vacancy
from services.notify.pages.page_context import tandem_language, tandem_names
from services.notify.pages.views import PageRequest, PageView
from shared.messages.ids import entity_key


async def next_step(request: PageRequest) -> PageView | None:
    """Show the criteria that a person with experience does not meet yet, and the next step (R056, R057)."""
    await request.data.load([request.link.about])
    expert = request.data.state(request.link.about, Expert)
    if expert.language is None or expert.zone is None:
        return None
    trainings = [wording.label(code, "training") for code in request.policy.trainings_that_count]
    context = {"missing": expert.missing, "next_step": expert.next_step, "trainings": trainings}
    return PageView(context, expert.zone, expert.language)


async def first_weeks(request: PageRequest) -> PageView | None:
    """Show the agreements, and the purpose of the first weeks (R127-R131)."""
    await request.data.load([request.link.about])
    tandem = request.data.state(request.link.about, Tandem)
    if tandem.starts_on is None or tandem.on is None:
        return None
    names = await tandem_names(request, tandem)
    context = {**names, "tandem": tandem, "open_items": _open_items(request, tandem)}
    return PageView(context, tandem.zone, await tandem_language(request, tandem))


def _open_items(request: PageRequest, tandem: Tandem) -> list[str]:
    """Return, for the coordinator only, the readiness items that are still open before the first day."""
    if tandem.began_on or request.link.person.role != "coordinator":
        return []
    assert tandem.organisation and tandem.vacancy
    organisation = request.data.state(entity_key("organisation", tandem.organisation), Organisation)
    vacancy = request.data.state(entity_key("vacancy", tandem.vacancy), Vacancy)
    return [wording.item(code) for code in (*organisation.missing_b, *organisation.missing_s, *vacancy.missing_s)]


async def help_page(request: PageRequest) -> PageView | None:
    """Show the person to call; every email links to this page."""
    return PageView({}, request.policy.zone, request.policy.language)
