"""Template values that several pages share: tasks, reasons, and the names of those who work together."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.notify import wording
from services.notify.domain.organisations import Organisation
from services.notify.domain.tandems import Tandem
from services.notify.domain.vacancies import Vacancy
from services.notify.pages.views import PageRequest
from shared.messages.code_lists import Language
from shared.messages.ids import entity_key
from shared.messages.matching import Reason

NO_NAMES: Mapping[str, Any] = {
    "organisation_name": "",
    "vacancy_title": "",
    "expert_name": "",
    "coordinator_name": "",
    "coordinator_email": "",
    "coordinator_phone": "",
    "partner_names": [],
}
"""Defaults for names that are not known yet."""


def task_lines(request: PageRequest, vacancy: Vacancy) -> list[tuple[str, str]]:
    """Return each task in words, with the goal that the organisation wrote (R084) or an empty string."""
    return [
        (wording.label(task.category, "tasks"), request.data.text(vacancy.key, f"goal-{nth}"))
        for nth, task in enumerate(vacancy.tasks)
    ]


def reason_sentences(reasons: Iterable[Reason], side: str) -> list[str]:
    """Return reasons as sentences, the same for every reader; `side` is `reasons_for` or `reasons_against`."""
    return [wording.reason({"dimension": reason.dimension, "codes": reason.codes}, side) for reason in reasons]


async def tandem_names(request: PageRequest, tandem: Tandem) -> Mapping[str, Any]:
    """Return the names of organisation, vacancy and people of a tandem; `partner_names` is empty until all are known."""
    assert tandem.organisation and tandem.vacancy and tandem.expert
    organisation, vacancy = entity_key("organisation", tandem.organisation), entity_key("vacancy", tandem.vacancy)
    expert = entity_key("expert", tandem.expert)
    await request.data.load([organisation, vacancy, expert])
    partners = request.data.state(vacancy, Vacancy).partners
    return {**NO_NAMES, **request.data.directory.display_names(organisation, vacancy, expert, partners)}


async def tandem_language(request: PageRequest, tandem: Tandem) -> Language:
    """Return the organisation's variant of Dutch, or else the programme's."""
    assert tandem.organisation
    organisation = entity_key("organisation", tandem.organisation)
    await request.data.load([organisation])
    return request.data.state(organisation, Organisation).language or request.policy.language
