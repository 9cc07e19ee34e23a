"""Renders pages from a history of messages, without a database: what the person behind a link sees."""

import re
from datetime import UTC, datetime
from typing import Any

from bs4 import BeautifulSoup

from services.notify.contacts import Contact
from services.notify.domain.inputs import PageAnswered
from services.notify.domain.people import Person, coordinator, expert, of_programme
from services.notify.links import Link, Links
from services.notify.pages import rendering
from services.notify.pages.app import VIEWS
from services.notify.pages.page_data import PageData
from services.notify.pages.views import PageRequest, PageView
from shared.messages.coaching import EvaluationCompleted, ExplorationStarted
from shared.messages.code_lists import Role
from shared.messages.ids import entity_key
from shared.messages.intake import ContactChanged, TextFiled
from shared.messages.matching import MatchDeclined
from shared.messages.notify import CandidatePicked, ProposalAnswered
from tests.support import dutch_lint
from tests.support.factories import EVALUATION_DAY, FIRST_DAY, NOW, Example
from tests.unit.notify.given import Scenario, after, envelope
from tests.unit.notify.sample_emails import POLICY

EXAMPLE, OTHER_EXPERT = Example(), Example().expert
LINKS = Links("a secret of sixteen", "https://samen.example", 180)
MEDIATOR, EXPERT, COORDINATOR = of_programme("mediator"), expert(EXAMPLE.expert), coordinator(EXAMPLE.organisation)
PARTNER = Person(entity_key("vacancy", EXAMPLE.vacancy), "partner")
EMAIL = "reader@post.example"
STEPS_LINK = LINKS.issue("stappen", entity_key("organisation", EXAMPLE.organisation), COORDINATOR, EMAIL)
NEXT_STEP_LINK = LINKS.issue("volgende-stap", entity_key("expert", EXAMPLE.expert), EXPERT, EMAIL)
SHORTLIST_LINK = LINKS.issue("lijst", entity_key("vacancy", EXAMPLE.vacancy), MEDIATOR, EMAIL)
EXPERT_PROPOSAL_LINK = LINKS.issue("voorstel", entity_key("match", EXAMPLE.match), EXPERT, EMAIL)
ORGANISATION_PROPOSAL_LINK = LINKS.issue("voorstel", entity_key("match", EXAMPLE.match), COORDINATOR, EMAIL)
START_LINK = LINKS.issue("start", entity_key("tandem", EXAMPLE.tandem), PARTNER, EMAIL)
EVALUATION_LINK = LINKS.issue("gesprek", entity_key("tandem", EXAMPLE.tandem), COORDINATOR, EMAIL)
HELP_LINK = LINKS.issue("hulp", entity_key("tandem", EXAMPLE.tandem), EXPERT, EMAIL)

IN_MARCH = datetime(2027, 3, 1, 9, tzinfo=UTC)
MATCH_IDS = (EXAMPLE.match, EXAMPLE.vacancy, EXAMPLE.organisation, EXAMPLE.expert)
TANDEM_IDS = (EXAMPLE.tandem, EXAMPLE.vacancy, EXAMPLE.organisation, EXAMPLE.expert)
LISTED = (EXAMPLE.opened(), EXAMPLE.eligible(), EXAMPLE.drawn())
PROPOSED = (EXAMPLE.registered(), EXAMPLE.eligible(), EXAMPLE.opened(), EXAMPLE.drawn(), EXAMPLE.proposed())
FORMED = (*PROPOSED, EXAMPLE.formed(), EXAMPLE.scheduled())
STARTED = (*FORMED, ExplorationStarted(*TANDEM_IDS, FIRST_DAY))
DECLINED_BY_ORGANISATION = MatchDeclined(*MATCH_IDS, "organisation", "none")
EVALUATION_COMPLETED = EvaluationCompleted(*TANDEM_IDS, "expert", EVALUATION_DAY)


def reply(reply: Any, role: Role = "expert", at: datetime = NOW) -> Any:
    """Return the message that a form becomes."""
    return envelope(PageAnswered(role, reply), at)


YES = reply(ProposalAnswered(EXAMPLE.vacancy, EXAMPLE.expert, EXAMPLE.match, "expert", "yes", "none"))
NO = reply(ProposalAnswered(EXAMPLE.vacancy, EXAMPLE.expert, EXAMPLE.match, "expert", "no", "none"))
PICK = reply(CandidatePicked(EXAMPLE.vacancy, EXAMPLE.expert, "fits_team", None, 1), "mediator")


def page_request(scenario: Scenario, link: Link, now: datetime = NOW) -> PageRequest:
    """Return a visit to the page behind a link after this history."""
    data = PageData(None, POLICY)
    data.states = {key: scenario.decider.initial_state(key) for key in _entity_keys()} | scenario.states
    data.vacancies = {entity_key("organisation", EXAMPLE.organisation): [entity_key("vacancy", EXAMPLE.vacancy)]}
    for message in (*EXAMPLE.contacts(), *EXAMPLE.texts()):
        if isinstance(message, ContactChanged):
            contact = Contact(message.name, message.email, message.phone, message.language, message.zone)
            data.directory.contacts[Person(message.about, message.role, message.nth)] = contact
        elif isinstance(message, TextFiled):
            data.directory.texts[message.about, message.field] = message.text
    return PageRequest(link, data, POLICY, now)


def _entity_keys() -> list[str]:
    ids = {
        "organisation": EXAMPLE.organisation,
        "vacancy": EXAMPLE.vacancy,
        "expert": EXAMPLE.expert,
        "match": EXAMPLE.match,
        "tandem": EXAMPLE.tandem,
    }
    return [*(entity_key(prefix, id) for prefix, id in ids.items()), entity_key("expert", OTHER_EXPERT)]


async def view_of(scenario: Scenario, link: Link, now: datetime = NOW) -> PageView:
    view = await dict(VIEWS)[link.purpose](page_request(scenario, link, now))
    assert view is not None
    return view


async def html_of(scenario: Scenario, link: Link, now: datetime = NOW) -> str:
    return rendering.page(page_request(scenario, link, now), await view_of(scenario, link, now), LINKS)


async def text_of(scenario: Scenario, link: Link, now: datetime = NOW) -> str:
    return visible_text(await html_of(scenario, link, now))


async def confirmation_of(history: Any, link: Link, now: datetime = NOW) -> str:
    """Return the text of the confirmation, which follows the writing guide."""
    scenario = after(*history)
    html = rendering.confirmation(page_request(scenario, link, now), await view_of(scenario, link, now), LINKS, "/page")
    assert dutch_lint.page_faults(html) == []
    return visible_text(html)


def visible_text(html: str) -> str:
    return re.sub(r"\s+", " ", BeautifulSoup(html, "html.parser").get_text(" "))
