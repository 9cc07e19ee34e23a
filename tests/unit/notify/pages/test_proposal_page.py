"""The proposal page: both sides read the same reasons, and know which answers can still be changed."""

import pytest
from bs4 import BeautifulSoup

from services.notify.links import Link
from shared.messages.matching import MatchAnswered, MatchDeclined, ReplyRefused
from tests.unit.notify.given import after
from tests.unit.notify.pages.page_harness import (
    DECLINED_BY_ORGANISATION,
    EXAMPLE,
    EXPERT_PROPOSAL_LINK,
    FORMED,
    MATCH_IDS,
    NO,
    ORGANISATION_PROPOSAL_LINK,
    PROPOSED,
    SHORTLIST_LINK,
    START_LINK,
    YES,
    confirmation_of,
    html_of,
    text_of,
    view_of,
)


async def test_yes_can_be_changed_until_the_last_day() -> None:
    received = await confirmation_of((*PROPOSED, YES), EXPERT_PROPOSAL_LINK)
    recorded = await confirmation_of((*PROPOSED, YES, MatchAnswered(*MATCH_IDS, "expert", "yes")), EXPERT_PROPOSAL_LINK)

    assert "We hebben je antwoord ontvangen: ja." in received and "Je hebt ja gezegd." in recorded
    assert "Een ja kan nog veranderen tot en met vrijdag 1 januari 2100" in received and "1 januari 2100" in recorded


async def test_no_is_final() -> None:
    page = await confirmation_of((*PROPOSED, NO), EXPERT_PROPOSAL_LINK)
    recorded = await confirmation_of((*PROPOSED, NO, MatchDeclined(*MATCH_IDS, "expert", "none")), EXPERT_PROPOSAL_LINK)

    assert "We hebben je antwoord ontvangen: nee." in page and "veranderen" not in page
    assert "Je hebt nee gezegd. Dat is prima. Dit antwoord staat vast." in recorded
    assert after(*PROPOSED, NO, YES).published == after(*PROPOSED, NO).published
    assert (await view_of(after(*PROPOSED, NO), EXPERT_PROPOSAL_LINK)).forms == {}
    assert "Een nee blijft staan" in await text_of(after(*PROPOSED), EXPERT_PROPOSAL_LINK)


async def test_yes_cannot_be_changed_after_the_proposal_ended() -> None:
    answered = MatchAnswered(*MATCH_IDS, "expert", "yes")
    declined = await confirmation_of((*PROPOSED, YES, answered, DECLINED_BY_ORGANISATION), EXPERT_PROPOSAL_LINK)
    formed = await confirmation_of((*PROPOSED, YES, answered, EXAMPLE.formed()), EXPERT_PROPOSAL_LINK)

    assert "Dit voorstel gaat niet door" in declined and "veranderen" not in declined
    assert "Jullie hebben allebei ja gezegd" in formed


async def test_a_no_after_both_accepted_is_received_and_then_refused() -> None:
    history = (*PROPOSED, YES, MatchAnswered(*MATCH_IDS, "expert", "yes"), NO, EXAMPLE.formed())
    refused = ReplyRefused(
        EXAMPLE.match, "expert", 0, EXAMPLE.vacancy, EXAMPLE.expert, "tandem_formed", EXAMPLE.match, "expert", "no"
    )

    received = await confirmation_of(history, EXPERT_PROPOSAL_LINK)
    settled = await confirmation_of((*history, refused), EXPERT_PROPOSAL_LINK)

    assert "We hebben je antwoord ontvangen: nee. Telt het antwoord niet meer mee? Dan krijg je daar een mail over." in received
    assert "allebei" not in received and "Jullie hebben allebei ja gezegd" in settled
    assert "antwoord ontvangen: nee" in await text_of(after(*history), EXPERT_PROPOSAL_LINK)


async def test_answer_given_before_an_earlier_one_is_recorded_still_waits() -> None:
    history = (*PROPOSED, YES, NO, MatchAnswered(*MATCH_IDS, "expert", "yes"))

    assert "antwoord ontvangen: nee" in await confirmation_of(history, EXPERT_PROPOSAL_LINK)


async def test_refused_answer_to_an_open_proposal_opens_the_form_again() -> None:
    refused = ReplyRefused(
        EXAMPLE.match, "expert", 0, EXAMPLE.vacancy, EXAMPLE.expert, "expert_unavailable", EXAMPLE.match, "expert", "no"
    )

    assert set((await view_of(after(*PROPOSED, NO, refused), EXPERT_PROPOSAL_LINK)).forms) == {"answer"}


async def test_yes_has_no_reason_and_no_needs_none() -> None:
    read = (await view_of(after(*PROPOSED), EXPERT_PROPOSAL_LINK)).forms["answer"]

    assert read({"answer": "yes", "reason": "hours"}).reply.reason == "none"  # type: ignore[union-attr]
    assert read({"answer": "no"}).reply.reason == "none"  # type: ignore[union-attr]


@pytest.mark.rule("R060")
async def test_proposal_states_that_the_programme_lends_out_no_one() -> None:
    assert "leent niemand uit" in await text_of(after(*PROPOSED), EXPERT_PROPOSAL_LINK)


@pytest.mark.rule("R060")
async def test_yes_and_no_look_alike() -> None:
    page = BeautifulSoup(await html_of(after(*PROPOSED), EXPERT_PROPOSAL_LINK), "html.parser")
    yes, no = page.select("form#answer label.choice")

    assert str(yes).replace('value="yes"', "").replace("Ja", "") == str(no).replace('value="no"', "").replace("Nee", "")


@pytest.mark.rule("R009")
async def test_both_sides_read_the_same_reasons() -> None:
    def reasons(page: str) -> str:
        return page.partition("Wat goed past")[2].partition(" antwoord")[0].rpartition(" ")[0]

    expert = await text_of(after(*PROPOSED), EXPERT_PROPOSAL_LINK)
    organisation = await text_of(after(*PROPOSED), ORGANISATION_PROPOSAL_LINK)
    assert reasons(expert) == reasons(organisation)


@pytest.mark.rule("R084")
@pytest.mark.parametrize("link", [SHORTLIST_LINK, EXPERT_PROPOSAL_LINK, ORGANISATION_PROPOSAL_LINK])
async def test_vacancy_is_shown_with_its_title_and_the_goal_of_each_task(link: Link) -> None:
    page = await text_of(after(*PROPOSED), link)

    assert "Samen koken" in page and "Werken met groepen: Mensen leren elkaar kennen." in page


async def test_names_are_shown_only_after_both_sides_accepted() -> None:
    assert "Expert Eén" not in await text_of(after(*PROPOSED), ORGANISATION_PROPOSAL_LINK)
    assert "Coordinator Eén" not in await text_of(after(*PROPOSED), EXPERT_PROPOSAL_LINK)

    assert "Expert Eén begint met dit werk" in await text_of(after(*FORMED), ORGANISATION_PROPOSAL_LINK)
    assert "Contactpersoon Coordinator Eén" in await text_of(after(*FORMED), EXPERT_PROPOSAL_LINK)
    assert "Expert Eén" in await text_of(after(*FORMED), START_LINK)


async def test_names_are_promised_only_while_the_proposal_is_open() -> None:
    promise = "Namen delen we als jullie allebei ja zeggen"

    assert promise in await text_of(after(*PROPOSED), ORGANISATION_PROPOSAL_LINK)
    assert promise not in await text_of(after(*PROPOSED, DECLINED_BY_ORGANISATION), ORGANISATION_PROPOSAL_LINK)
    assert promise not in await text_of(after(*FORMED), ORGANISATION_PROPOSAL_LINK)
