"""The shortlist page: all candidates with their reasons, none preselected, and one pick at a time."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from bs4 import BeautifulSoup

from services.notify.pages.views import FormErrors
from shared.messages.matching import MatchDeclined, MatchWithdrawn, Reason
from shared.messages.notify import CandidatePicked
from tests.unit.notify.given import after
from tests.unit.notify.pages.page_harness import (
    EXAMPLE,
    LISTED,
    MATCH_IDS,
    OTHER_EXPERT,
    PICK,
    SHORTLIST_LINK,
    html_of,
    reply,
    text_of,
    view_of,
)

CANDIDATE = EXAMPLE.drawn().candidates[0]
TWO_CANDIDATES = msgspec.structs.replace(
    EXAMPLE.drawn(), eligible_count=2, candidates=(CANDIDATE, msgspec.structs.replace(CANDIDATE, expert=OTHER_EXPERT))
)


async def test_empty_shortlist_has_no_form() -> None:
    empty = msgspec.structs.replace(EXAMPLE.drawn(2), candidates=(), eligible_count=0)
    scenario = after(*LISTED, empty)
    page = await text_of(scenario, SHORTLIST_LINK)

    assert "Op dit moment past niemand" in page and "Je hoort van ons" in page
    assert "<form" not in await html_of(scenario, SHORTLIST_LINK)


async def test_expert_who_declined_is_off_the_shortlist_at_once() -> None:
    declined = MatchDeclined(*MATCH_IDS, "expert", "none")
    view = await view_of(after(EXAMPLE.opened(), EXAMPLE.eligible(), TWO_CANDIDATES, EXAMPLE.proposed(), declined), SHORTLIST_LINK)

    assert [candidate["id"] for candidate in view.context["candidates"]] == [str(OTHER_EXPERT)]
    assert view.context["vacancy"].eligible_count == 1
    with pytest.raises(FormErrors) as errors:
        view.forms["pick"]({"expert": str(EXAMPLE.expert), "why": "fits_team", "revision": "1"})
    assert "niet meer op de lijst" in errors.value.messages["expert"]


@pytest.mark.parametrize("reason", ["expert_placed", "expert_unavailable"])
async def test_unavailable_expert_is_off_the_shortlist_at_once(reason: Any) -> None:
    scenario = after(*LISTED, EXAMPLE.proposed(), MatchWithdrawn(*MATCH_IDS, reason))

    assert (await view_of(scenario, SHORTLIST_LINK)).context["candidates"] == []


async def test_only_one_candidate_can_be_picked() -> None:
    second = reply(CandidatePicked(EXAMPLE.vacancy, OTHER_EXPERT, "fits_team", None, 1), "mediator")
    scenario = after(EXAMPLE.opened(), EXAMPLE.eligible(), TWO_CANDIDATES, PICK, second)
    page = await text_of(scenario, SHORTLIST_LINK)

    assert len(scenario.published) == 1
    assert (await view_of(scenario, SHORTLIST_LINK)).forms == {}
    assert "Je koos Expert Eén. We maken het voorstel klaar." in page and "anders kiezen" not in page


async def test_shortlist_shows_how_many_experts_fit_and_how_many_it_lists() -> None:
    best = msgspec.structs.replace(EXAMPLE.drawn(), eligible_count=45, candidates=EXAMPLE.drawn().candidates * 20)
    page = await text_of(after(EXAMPLE.opened(), EXAMPLE.eligible(), best), SHORTLIST_LINK)

    assert "45 mensen kunnen passen" in page and "We tonen de 20 die het best passen." in page


async def test_proposed_first_day_is_not_in_the_past() -> None:
    now = datetime(2027, 2, 10, 9, tzinfo=UTC)
    page = BeautifulSoup(await html_of(after(*LISTED), SHORTLIST_LINK, now), "html.parser")

    assert [field["value"] for field in page.find_all("input", attrs={"name": "starts_on"})] == ["2027-02-10"]


@pytest.mark.rule("R121")
async def test_mediator_reads_that_a_beginner_needs_a_fixed_partner() -> None:
    candidate = msgspec.structs.replace(CANDIDATE, reasons_against=(Reason("tandem_form", ("alternating",)),))
    shortlist = msgspec.structs.replace(EXAMPLE.drawn(), candidates=(candidate,))
    page = await text_of(after(EXAMPLE.opened(), EXAMPLE.eligible(), shortlist), SHORTLIST_LINK)

    assert "Het werk is nog nieuw. Een vaste tandempartner helpt dan het meest." in page


@pytest.mark.rule("R126")
async def test_all_candidates_are_shown_without_a_score_and_none_is_preselected() -> None:
    page = BeautifulSoup(await html_of(after(*LISTED), SHORTLIST_LINK), "html.parser")

    assert [str(field["value"]) for field in page.find_all("input", attrs={"name": "expert"})] == [str(EXAMPLE.expert)]
    assert page.find_all(checked=True) == [] and "10" not in page.find("section").get_text()  # type: ignore[union-attr]


async def test_pick_has_the_reason_the_first_day_and_the_mediator_s_words() -> None:
    read = (await view_of(after(*LISTED), SHORTLIST_LINK)).forms["pick"]
    fields = {"expert": str(EXAMPLE.expert), "why": "fits_team", "words": " Zo. ", "starts_on": "2027-02-15", "revision": "1"}

    assert read(fields) == (CandidatePicked(EXAMPLE.vacancy, EXAMPLE.expert, "fits_team", date(2027, 2, 15), 1), "Zo.")


@pytest.mark.parametrize("wrong", [{"expert": str(EXAMPLE.match)}, {"starts_on": "2026-11-19"}, {"starts_on": "2027-11-21"}])
async def test_pick_needs_a_listed_expert_and_a_first_day_within_a_year(wrong: dict[str, str]) -> None:
    read = (await view_of(after(*LISTED), SHORTLIST_LINK)).forms["pick"]

    with pytest.raises(FormErrors):
        read({"expert": str(EXAMPLE.expert), "why": "fits_team", "starts_on": "2027-02-15", "revision": "1"} | wrong)
