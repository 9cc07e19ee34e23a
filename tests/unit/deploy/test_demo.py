"""How people read a page and what they send, and how the report tells what came of what."""

from datetime import date, timedelta
from uuid import UUID, uuid5

import pytest
from bs4 import BeautifulSoup
from rich.console import Console

from deploy.demo.actors import first_day
from deploy.demo.bus_observer import Told, read
from deploy.demo.report import report
from deploy.demo.timeline import Cause
from deploy.demo.users import Page
from deploy.errors import UserError
from deploy.partner_client.topic_tail import RecordPosition
from shared.programme.local_dates import add_months, working_day_on_or_after

PAGE = """
<form id="pick" action="/l/token" method="post">
  <input type="hidden" name="nonce" value="n1">
  <input type="radio" name="expert" value="a"><input type="radio" name="expert" value="b">
  <select name="why"><option value="">-</option><option value="fits_team">x</option></select>
  <textarea name="words"></textarea><input type="date" name="starts_on" value="2027-01-11">
  <button type="submit">Kies</button>
</form>
"""
ROOT = UUID("6f0b2a53-8a0e-5f60-9c3f-3d4f6a4e9b12")
SUBMISSIONS = "tandem.partner.demo.submissions"


def page() -> Page:
    return Page("http://pages.example/l/token", 200, BeautifulSoup(PAGE, "html.parser"))


def id(name: str) -> UUID:
    return uuid5(ROOT, name)


def told(name: str, kind: str, cause: str | None = None, chapter: str = "one", **data: object) -> Told:
    service = kind.split(".")[1]
    place = RecordPosition(f"tandem.{service}", 0, 0)
    return Told(
        chapter,
        place,
        id(name),
        kind,
        service,
        f"organisation/{id('o')}",
        id(cause) if cause else None,
        None,
        "2027-01-04T10:00:00Z",
        data,
    )


RECEIPT = told(
    "receipt",
    "tandem.intake.receipt.v1",
    "record",
    partner="demo",
    topic=SUBMISSIONS,
    partition=3,
    offset=7,
    event_type="tandem.partner.x.v1",
)
REGISTERED = told("registered", "tandem.intake.organisation-registered.v1", "record", chapter="two")


def test_a_form_that_nobody_touched_sends_what_it_shows_and_no_choice() -> None:
    form = page().form("pick")

    assert form.shown == {"nonce": "n1", "words": "", "starts_on": "2027-01-11", "why": ""}
    assert form.choices == {"expert": ["a", "b"], "why": ["", "fits_team"]}
    assert form.action == "http://pages.example/l/token"


def test_what_a_person_fills_in_replaces_what_was_shown() -> None:
    assert page().form("pick").filled({"expert": "b", "why": "fits_team"}) == {
        "nonce": "n1",
        "expert": "b",
        "why": "fits_team",
        "words": "",
        "starts_on": "2027-01-11",
    }


@pytest.mark.parametrize("answers", [{"expert": "c"}, {"age": "40"}])
def test_a_person_can_only_answer_what_the_page_asks(answers: dict[str, str]) -> None:
    with pytest.raises(UserError):
        page().form("pick").filled(answers)


def test_a_page_without_the_form_says_what_it_says_instead() -> None:
    with pytest.raises(UserError, match="no form 'answer'"):
        page().form("answer")


def test_nothing_of_the_private_topic_is_kept_but_that_something_was_said() -> None:
    value = (
        b'{"id":"6f0b2a53-8a0e-5f60-9c3f-3d4f6a4e9b12","source":"/tandem/intake","type":"tandem.intake.text-filed.v1",'
        b'"subject":"organisation/x","time":"2027-01-04T10:00:00Z","data":{"text":"secret"}}'
    )

    assert read(value, RecordPosition("tandem.private", 0, 0), "one").data == {}


def test_a_partners_own_record_stands_before_what_came_of_it() -> None:
    played = report("t", [REGISTERED, RECEIPT], [])

    assert [(line.kind, line.service) for line in played.messages] == [
        ("tandem.partner.x.v1", "partner demo"),
        ("tandem.intake.organisation-registered.v1", "intake"),
        ("tandem.intake.receipt.v1", "intake"),
    ]
    assert played.messages[1].cause == Cause(id("record"), "tandem.partner.x.v1", RECEIPT.subject)


def test_what_was_seen_late_belongs_to_the_chapter_of_what_it_came_from() -> None:
    assert {line.chapter for line in report("t", [RECEIPT, REGISTERED], []).messages} == {"one"}


def test_what_comes_of_a_timer_names_it_as_its_cause() -> None:
    (line,) = report("t", [told("due", "tandem.coaching.evaluation-due.v1", "a timer nobody saw")], []).messages

    assert line.cause and (line.cause.kind, line.cause.subject) == ("a timer", None)


def test_the_timeline_hangs_each_message_under_its_cause() -> None:
    console = Console(width=120, force_terminal=False)
    with console.capture() as shown:
        report("t", [RECEIPT, REGISTERED], []).print(console)

    lines = shown.get().splitlines()
    assert lines[0] == "one"
    assert [line.index(name) for line, name in zip(lines[1:], ("partner.x", "intake.receipt", "intake.org"), strict=True)] == [
        4,
        8,
        8,
    ]


@pytest.mark.parametrize("today", [date(2026, 11, 22) + timedelta(nth) for nth in range(0, 760, 3)], ids=str)
def test_whatever_the_day_the_story_finds_a_first_day_that_suits_it(today: date) -> None:
    first = first_day(today)
    next_day = working_day_on_or_after(first + timedelta(1), "nl-BE")
    talk, late = (working_day_on_or_after(add_months(day, 3), "nl-BE") for day in (first, next_day))

    assert today + timedelta(14) <= first <= today + timedelta(120)
    assert talk == late and working_day_on_or_after(talk + timedelta(7), "nl-BE") == talk + timedelta(7)
