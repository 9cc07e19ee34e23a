"""Rules that hold for all pages: the Dutch writing guide, thanks only after an answer, and ids of answers."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
import pytest

from services.notify.domain.people import of_programme
from services.notify.links import Link
from services.notify.pages import rendering
from services.notify.pages.forms import reply_id
from services.notify.pages.views import Draft
from tests.support import dutch_lint
from tests.support.factories import NOW
from tests.unit.notify.given import after
from tests.unit.notify.pages.page_harness import (
    DECLINED_BY_ORGANISATION,
    EVALUATION_COMPLETED,
    EVALUATION_LINK,
    EXAMPLE,
    EXPERT,
    EXPERT_PROPOSAL_LINK,
    FORMED,
    HELP_LINK,
    IN_MARCH,
    LINKS,
    LISTED,
    NEXT_STEP_LINK,
    NO,
    ORGANISATION_PROPOSAL_LINK,
    PICK,
    PROPOSED,
    SHORTLIST_LINK,
    START_LINK,
    STARTED,
    STEPS_LINK,
    YES,
    page_request,
    view_of,
)
from tests.unit.notify.sample_emails import POLICY

EMPTY_LIST = msgspec.structs.replace(EXAMPLE.drawn(2), candidates=(), eligible_count=0)


@pytest.mark.rule("R006")
@pytest.mark.parametrize("language", ["nl-BE", "nl-NL"])
@pytest.mark.parametrize(
    ("link", "history", "now"),
    [
        (STEPS_LINK, (EXAMPLE.registered(), EXAMPLE.opened()), NOW),
        (NEXT_STEP_LINK, (EXAMPLE.not_eligible(),), NOW),
        (NEXT_STEP_LINK, (EXAMPLE.eligible(),), NOW),
        (SHORTLIST_LINK, LISTED, NOW),
        (SHORTLIST_LINK, PROPOSED, NOW),
        (SHORTLIST_LINK, (*LISTED, EMPTY_LIST), NOW),
        (SHORTLIST_LINK, (*LISTED, PICK), NOW),
        (EXPERT_PROPOSAL_LINK, PROPOSED, NOW),
        (ORGANISATION_PROPOSAL_LINK, PROPOSED, NOW),
        (EXPERT_PROPOSAL_LINK, (*PROPOSED, YES), NOW),
        (EXPERT_PROPOSAL_LINK, (*PROPOSED, NO), NOW),
        (EXPERT_PROPOSAL_LINK, (*PROPOSED, DECLINED_BY_ORGANISATION), NOW),
        (EXPERT_PROPOSAL_LINK, FORMED, NOW),
        (START_LINK, FORMED, NOW),
        (EVALUATION_LINK, FORMED, NOW),
        (EVALUATION_LINK._replace(person=EXPERT), FORMED, NOW),
        (EVALUATION_LINK._replace(person=of_programme("lead")), FORMED, NOW),
        (EVALUATION_LINK, STARTED, IN_MARCH),
        (EVALUATION_LINK, (*FORMED, EVALUATION_COMPLETED), NOW),
        (HELP_LINK, (), NOW),
    ],
)
async def test_every_page_follows_the_writing_guide(link: Link, history: Any, now: datetime, language: Any) -> None:
    scenario = after(*history)
    view = replace(await view_of(scenario, link, now), language=language)

    assert dutch_lint.page_faults(rendering.page(page_request(scenario, link, now), view, LINKS, Draft(is_closed=True))) == []


@pytest.mark.parametrize("error", ["link_expired", "link_sent", "link_unknown", "not_ready", "unavailable"])
def test_every_error_page_follows_the_writing_guide(error: Any) -> None:
    assert dutch_lint.page_faults(rendering.error_page(error, POLICY)) == []


@pytest.mark.parametrize(
    ("link", "history"),
    [
        (EXPERT_PROPOSAL_LINK, PROPOSED),
        (SHORTLIST_LINK, (EXAMPLE.registered(), EXAMPLE.opened(), EXAMPLE.drawn())),
        (EVALUATION_LINK, FORMED),
        (STEPS_LINK, FORMED),
        (START_LINK, FORMED),
    ],
)
async def test_no_answer_means_no_confirmation(link: Link, history: Any) -> None:
    assert (await view_of(after(*history), link)).confirmation == ()


def test_button_pressed_twice_is_one_answer() -> None:
    fields = {"form": "move", "nonce": "a", "to": "2027-05-10"}

    assert reply_id(EXPERT_PROPOSAL_LINK, fields) == reply_id(EXPERT_PROPOSAL_LINK, dict(reversed(fields.items())))


def test_other_fields_or_another_person_make_another_answer() -> None:
    fields = {"form": "move", "nonce": "a", "to": "2027-05-10"}
    changes: list[dict[str, str]] = [{}, {"nonce": "b"}, {"form": "held"}, {"to": "2027-05-11"}, {"at": "14:00"}]

    ids = {reply_id(EXPERT_PROPOSAL_LINK, fields | change) for change in changes}
    assert len(ids | {reply_id(ORGANISATION_PROPOSAL_LINK, fields)}) == 6
