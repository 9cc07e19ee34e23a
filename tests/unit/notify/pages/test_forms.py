"""Forms: errors are shown with links to their fields, and text is counted as a browser counts it."""

from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from starlette.requests import Request

from services.notify.links import Link
from services.notify.pages import rendering
from services.notify.pages.drafts import validate
from services.notify.pages.forms import read_fields
from services.notify.pages.views import Draft, FormErrors
from shared.messages.notify import EvaluationMoved
from tests.support import dutch_lint
from tests.unit.notify.given import after
from tests.unit.notify.pages.page_harness import (
    EVALUATION_LINK,
    EXAMPLE,
    EXPERT_PROPOSAL_LINK,
    IN_MARCH,
    LINKS,
    LISTED,
    PROPOSED,
    SHORTLIST_LINK,
    STARTED,
    confirmation_of,
    html_of,
    page_request,
    reply,
    text_of,
    view_of,
)


@pytest.mark.parametrize(
    ("link", "history", "form"),
    [
        (SHORTLIST_LINK, LISTED, "pick"),
        (EXPERT_PROPOSAL_LINK, PROPOSED, "answer"),
        (EVALUATION_LINK, STARTED, "held"),
        (EVALUATION_LINK, STARTED, "move"),
    ],
)
async def test_error_summary_links_to_every_wrong_field(link: Link, history: Any, form: str) -> None:
    scenario = after(*history)
    view = await view_of(scenario, link, IN_MARCH)
    wrong = {"form": form, "words": "x" * 501, "reason": "?", "at": "36000", "to": "1", "held_on": "0", "starts_on": "9999-99-99"}
    draft = validate(wrong, view)
    html = rendering.page(page_request(scenario, link, IN_MARCH), view, LINKS, draft)
    page = BeautifulSoup(html, "html.parser")

    assert draft.errors and dutch_lint.page_faults(html) == []
    assert page.title and page.title.get_text().startswith("Fout: ")
    assert [anchor["href"] for anchor in page.select(".summary a")] == [f"#field-{name}" for name in draft.errors]
    assert all(page.select_one(f"form #field-{name}") for name in draft.errors)
    assert all(element.has_attr("novalidate") for element in page.find_all("form"))


async def test_form_that_is_gone_or_right_by_now_shows_no_errors() -> None:
    view = await view_of(after(*PROPOSED), EXPERT_PROPOSAL_LINK)

    assert validate({"form": "answer", "answer": "yes"}, view) == Draft({"form": "answer", "answer": "yes"})
    assert validate({"form": "held", "held_on": "2027-03-01"}, view) == Draft(is_closed=True)


async def fields_of(body: bytes) -> Any:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    return await read_fields(Request({"type": "http", "method": "POST", "headers": headers}, receive))


@pytest.mark.parametrize(
    ("line", "count", "accepted"), [("a%0D%0A", 249, True), ("%F0%9F%99%82", 250, True), ("a%0D%0A", 251, False)]
)
async def test_text_is_counted_as_the_browser_counts_it(line: str, count: int, accepted: bool) -> None:
    fields = await fields_of(f"words={line * count}bb".encode())
    read = (await view_of(after(*LISTED), SHORTLIST_LINK)).forms["pick"]
    pick = {"expert": str(EXAMPLE.expert), "why": "fits_team", "revision": "1"}

    assert "\r" not in fields["words"]
    if accepted:
        assert read(pick | fields).words == fields["words"]
    else:
        with pytest.raises(FormErrors):
            read(pick | fields)


async def test_field_names_and_values_lose_what_the_database_cannot_store() -> None:
    assert await fields_of(b"a%00b=c%00d") == {"ab": "cd"}


@pytest.mark.parametrize(("at", "time"), [("14:00", "14:00"), ("9.30", "09:30"), ("09:30:00", "09:30"), ("", "None")])
async def test_time_is_read_as_people_write_it(at: str, time: str) -> None:
    read = (await view_of(after(*STARTED), EVALUATION_LINK, IN_MARCH)).forms["move"]

    moved: Any = read({"to": "2027-04-12", "at": at, "reason": "agenda"}).reply
    assert str(moved.at)[:5] == time[:5]


@pytest.mark.parametrize("at", ["36000", "14:00Z", "14:00+02:00", "14:00:01", "25:00", "1e3", "-1", "P1D"])
async def test_time_that_no_one_writes_is_refused(at: str) -> None:
    read = (await view_of(after(*STARTED), EVALUATION_LINK, IN_MARCH)).forms["move"]

    with pytest.raises(FormErrors) as errors:
        read({"to": "2027-04-12", "at": at, "reason": "agenda"})
    assert set(errors.value.messages) == {"at"}


@pytest.mark.parametrize("to", ["1806710400", "2027-04-12T00:00", "20270412", "2027-W15-1", "12/04/2027", "2027-02-30"])
async def test_date_in_another_form_is_refused(to: str) -> None:
    read = (await view_of(after(*STARTED), EVALUATION_LINK, IN_MARCH)).forms["move"]

    with pytest.raises(FormErrors) as errors:
        read({"to": to, "reason": "agenda"})
    assert set(errors.value.messages) == {"to"}


async def test_date_fields_have_the_limits_that_the_rule_enforces() -> None:
    page = BeautifulSoup(await html_of(after(*STARTED), EVALUATION_LINK, IN_MARCH), "html.parser")
    limits = {str(field["name"]): (str(field["min"]), str(field["max"])) for field in page.find_all("input", type="date")}
    forms = (await view_of(after(*STARTED), EVALUATION_LINK, IN_MARCH)).forms

    assert limits == {"held_on": ("2027-03-01", "2027-03-01"), "to": ("2027-03-02", "2027-08-01")}
    assert all(forms["move"]({"to": day, "reason": "agenda"}) for day in limits["to"])
    for day in ("2027-03-01", "2027-08-02"):
        with pytest.raises(FormErrors) as errors:
            forms["move"]({"to": day, "reason": "agenda"})
        assert errors.value.messages == {"to": "Kies een dag van dinsdag 2 maart tot en met zondag 1 augustus."}


async def test_evaluation_that_can_move_to_no_day_has_no_form_for_it() -> None:
    late = IN_MARCH + timedelta(days=200)
    page = await text_of(after(*STARTED), EVALUATION_LINK, late)

    assert set((await view_of(after(*STARTED), EVALUATION_LINK, late)).forms) == {"held"}
    assert "Op deze pagina kun je geen andere dag meer kiezen." in page


@pytest.mark.rule("R132")
async def test_evaluation_on_a_sunday_or_a_holiday_is_accepted_with_a_warning() -> None:
    for day, kind in (("2027-04-18", "een dag in het weekend"), ("2027-05-06", "een feestdag")):
        moved: Any = (
            (await view_of(after(*STARTED), EVALUATION_LINK, IN_MARCH)).forms["move"]({"to": day, "reason": "agenda"}).reply
        )
        scheduled = EXAMPLE.scheduled(1, moved.to)

        assert isinstance(moved, EvaluationMoved)
        for history in ((*STARTED, reply(moved, "coordinator", IN_MARCH)), (*STARTED, scheduled)):
            assert f"Let op: dat is {kind}." in await confirmation_of(history, EVALUATION_LINK, IN_MARCH)
        assert f"is {kind}. Past dat voor iedereen?" in await text_of(after(*STARTED, scheduled), EVALUATION_LINK, IN_MARCH)
    assert "Past dat voor iedereen?" not in await text_of(after(*STARTED), EVALUATION_LINK, IN_MARCH)
