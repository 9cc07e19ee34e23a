"""The shortlist page: all candidates with their reasons, none preselected, and one pick at a time."""

from datetime import UTC, date, datetime
from typing import Any, get_args
from uuid import UUID

import msgspec
import pytest
from bs4 import BeautifulSoup, Tag

from services.notify.pages.views import FormErrors
from shared.messages.matching import MatchDeclined, MatchWithdrawn, PickRefusal, Reason, ReplyRefused
from shared.messages.notify import CandidatePicked
from tests.unit.notify.given import after
from tests.unit.notify.pages.page_harness import (
    EXAMPLE,
    LISTED,
    MATCH_IDS,
    OTHER_EXPERT,
    PICK,
    SHORTLIST_LINK,
    confirmation_of,
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
    assert "We hebben je keuze ontvangen: Expert Eén. We maken het voorstel klaar." in page and "anders kiezen" not in page
    assert [email.template for email in scenario.emails] == ["shortlist", "pick_refused"]


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


async def test_mediator_reads_who_may_be_listed_twice_and_the_pick_names_the_other_id() -> None:
    marked = msgspec.structs.replace(CANDIDATE, possible_duplicate_of=(OTHER_EXPERT,))
    drawn = msgspec.structs.replace(EXAMPLE.drawn(), revision=2, candidates=(marked,))
    fields = {"expert": str(EXAMPLE.expert), "why": "fits_team", "words": "", "starts_on": "2027-02-15", "revision": "2"}

    unmarked, scenario = await text_of(after(*LISTED), SHORTLIST_LINK), after(*LISTED, drawn)

    assert "Misschien is het dezelfde persoon" in await text_of(scenario, SHORTLIST_LINK)
    assert "dezelfde persoon" not in unmarked
    picked = (await view_of(scenario, SHORTLIST_LINK)).forms["pick"](fields).reply
    assert isinstance(picked, CandidatePicked) and picked.possible_duplicate_of == (OTHER_EXPERT,)


@pytest.mark.parametrize("wrong", [{"expert": str(EXAMPLE.match)}, {"starts_on": "2026-11-19"}, {"starts_on": "2027-11-21"}])
async def test_pick_needs_a_listed_expert_and_a_first_day_within_a_year(wrong: dict[str, str]) -> None:
    read = (await view_of(after(*LISTED), SHORTLIST_LINK)).forms["pick"]

    with pytest.raises(FormErrors):
        read({"expert": str(EXAMPLE.expert), "why": "fits_team", "starts_on": "2027-02-15", "revision": "1"} | wrong)


def refusal(reason: Any, expert: UUID = EXAMPLE.expert, **days: Any) -> ReplyRefused:
    return ReplyRefused(EXAMPLE.match, "mediator", 0, EXAMPLE.vacancy, expert, reason, **days)


@pytest.mark.parametrize("reason", get_args(PickRefusal))
async def test_refused_pick_gives_the_form_back(reason: Any) -> None:
    waiting, refused = after(*LISTED, PICK, EXAMPLE.drawn(2)), after(*LISTED, PICK, refusal(reason))

    assert (await view_of(waiting, SHORTLIST_LINK)).forms == {}
    assert set((await view_of(refused, SHORTLIST_LINK)).forms) == {"pick"}


async def test_refusal_of_an_older_pick_leaves_a_proposal_alone() -> None:
    view = await view_of(after(*LISTED, PICK, EXAMPLE.proposed(), refusal("proposal_open")), SHORTLIST_LINK)

    assert view.forms == {} and view.context["vacancy"].match == EXAMPLE.match


IN_FOURTEEN_MONTHS = msgspec.structs.replace(EXAMPLE.opened(), starts_on=date(2028, 1, 20))
ON_A_SUNDAY = msgspec.structs.replace(EXAMPLE.opened(), starts_on=date(2027, 1, 17))
EASTER_SUNDAY = date(2027, 3, 28)


async def test_vacancy_more_than_a_year_ahead_asks_for_a_day_within_the_limits_that_the_page_shows() -> None:
    scenario = after(IN_FOURTEEN_MONTHS, EXAMPLE.eligible(), EXAMPLE.drawn())
    field = BeautifulSoup(await html_of(scenario, SHORTLIST_LINK), "html.parser").find("input", attrs={"name": "starts_on"})
    read = (await view_of(scenario, SHORTLIST_LINK)).forms["pick"]
    fields = {"expert": str(EXAMPLE.expert), "why": "fits_team", "revision": "1"}

    assert isinstance(field, Tag) and (field["min"], field["max"], field["value"]) == ("2026-11-20", "2027-11-20", "")
    with pytest.raises(FormErrors) as errors:
        read(fields)
    assert errors.value.messages == {"starts_on": "Kies een dag van vrijdag 20 november tot en met zaterdag 20 november 2027."}
    assert read(fields | {"starts_on": "2027-11-20"}).reply.starts_on == date(2027, 11, 20)  # type: ignore[union-attr]


async def test_page_and_confirmation_tell_that_a_day_off_becomes_the_next_working_day() -> None:
    listed = (ON_A_SUNDAY, EXAMPLE.eligible(), EXAMPLE.drawn())
    chosen = reply(CandidatePicked(EXAMPLE.vacancy, EXAMPLE.expert, "fits_team", EASTER_SUNDAY, 1), "mediator")

    assert "Daarom stellen we maandag 18 januari 2027 voor." in await text_of(after(*listed), SHORTLIST_LINK)
    for picked, shift in (
        (PICK, "De eerste dag wordt maandag 18 januari 2027."),
        (chosen, "De eerste dag wordt dinsdag 30 maart 2027."),
    ):
        assert shift in await confirmation_of((*listed, picked), SHORTLIST_LINK)
        assert shift in await confirmation_of((*listed, picked, EXAMPLE.proposed()), SHORTLIST_LINK)


@pytest.mark.parametrize("revision", ["", "-1", "1e9", "99999999999999999999999", "\u0663", "x"])
async def test_odd_revision_is_no_reason_to_refuse_a_pick(revision: str) -> None:
    read = (await view_of(after(*LISTED), SHORTLIST_LINK)).forms["pick"]

    submission = read({"expert": str(EXAMPLE.expert), "why": "fits_team", "revision": revision})
    assert submission.reply.revision == 0  # type: ignore[union-attr]
