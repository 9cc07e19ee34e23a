"""Filling in forms, the report of causes and effects, and the choice of dates."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid5

import pytest
from bs4 import BeautifulSoup
from rich.console import Console

from deploy.demo.__main__ import what_remains
from deploy.demo.actors import Actors, suitable_first_day
from deploy.demo.browser import Page
from deploy.demo.bus_observer import ObservedMessage, decode
from deploy.demo.context import Context
from deploy.demo.report import build_report, detail
from deploy.demo.timeline import Cause
from deploy.errors import UserError
from deploy.operations import dev_clock
from deploy.partner_client.client import Receipt
from deploy.partner_client.record import EventRecord, RecordPosition
from deploy.stack.progress import NullProgress
from shared.programme.local_dates import add_months, working_day_on_or_after
from tests.unit.deploy.test_endpoints import ENDPOINTS

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


def message(name: str, kind: str, cause: str | None = None, section: str = "one", **data: object) -> ObservedMessage:
    service = kind.split(".")[1]
    position = RecordPosition(f"tandem.{service}", 0, 0)
    return ObservedMessage(
        section,
        position,
        id(name),
        kind,
        service,
        f"organisation/{id('o')}",
        id(cause) if cause else None,
        None,
        "2027-01-04T10:00:00Z",
        data,
    )


RECEIPT = message(
    "receipt",
    "tandem.intake.receipt.v1",
    "record",
    partner="demo",
    topic=SUBMISSIONS,
    partition=3,
    offset=7,
    event_type="tandem.partner.x.v1",
)
REGISTERED = message("registered", "tandem.intake.organisation-registered.v1", "record", section="two")


def test_untouched_form_sends_its_initial_values() -> None:
    form = page().form("pick")

    assert form.values == {"nonce": "n1", "words": "", "starts_on": "2027-01-11", "why": ""}
    assert form.choices == {"expert": ["a", "b"], "why": ["", "fits_team"]}
    assert form.action == "http://pages.example/l/token"


def test_answers_replace_the_initial_values() -> None:
    assert page().form("pick").fill_in({"expert": "b", "why": "fits_team"}) == {
        "nonce": "n1",
        "expert": "b",
        "why": "fits_team",
        "words": "",
        "starts_on": "2027-01-11",
    }


@pytest.mark.parametrize("answers", [{"expert": "c"}, {"age": "40"}])
def test_only_offered_answers_are_accepted(answers: dict[str, str]) -> None:
    with pytest.raises(UserError):
        page().form("pick").fill_in(answers)


def test_missing_form_is_an_error() -> None:
    with pytest.raises(UserError, match="no form 'answer'"):
        page().form("answer")


def test_data_of_private_messages_are_not_kept() -> None:
    value = (
        b'{"id":"6f0b2a53-8a0e-5f60-9c3f-3d4f6a4e9b12","source":"/tandem/intake","type":"tandem.intake.text-filed.v1",'
        b'"subject":"organisation/x","time":"2027-01-04T10:00:00Z","data":{"text":"secret"}}'
    )

    assert decode(value, RecordPosition("tandem.private", 0, 0), "one").data == {}


def test_submission_is_listed_before_its_effects() -> None:
    report = build_report("t", [REGISTERED, RECEIPT], [])

    assert [(entry.kind, entry.service) for entry in report.messages] == [
        ("tandem.partner.x.v1", "partner demo"),
        ("tandem.intake.organisation-registered.v1", "intake"),
        ("tandem.intake.receipt.v1", "intake"),
    ]
    assert report.messages[1].cause == Cause(id("record"), "tandem.partner.x.v1", RECEIPT.subject)


def test_late_message_belongs_to_the_section_of_its_cause() -> None:
    assert {entry.section for entry in build_report("t", [RECEIPT, REGISTERED], []).messages} == {"one"}


def test_receipt_that_is_observed_late_does_not_move_its_effects() -> None:
    late = replace(RECEIPT, section="two")
    early = replace(REGISTERED, section="one")

    assert {entry.section for entry in build_report("t", [early, late], []).messages} == {"one"}


class LateObserver:
    """An observer that sees the receipt some time after the partner."""

    async def first(self, matches: Callable[[ObservedMessage], bool], *_: object) -> ObservedMessage:
        await asyncio.sleep(0.05)
        self.saw = RECEIPT if matches(RECEIPT) else None
        return RECEIPT


class QuickPartner:
    """A partner whose receipt is there at once."""

    async def publish(self, record: EventRecord) -> RecordPosition:
        return RECEIPT.position

    async def wait_for_receipt(self, position: RecordPosition) -> Receipt:
        return Receipt(position, RECEIPT.id, id("record"), {"outcome": "accepted"})


async def test_submitted_event_belongs_to_the_section_that_submitted_it() -> None:
    actors, observer = Actors("t", date(2027, 1, 4), date(2027, 2, 1)), LateObserver()
    context = Context(actors, Path("clock"), QuickPartner(), observer, None, None, NullProgress())  # type: ignore[arg-type]

    await context.submit(actors.organisation())

    assert observer.saw == RECEIPT


def test_day_that_a_message_is_about_is_labelled() -> None:
    assert detail({"on": "2027-03-22", "stage": "invitation"}) == "invitation for 2027-03-22"
    assert detail({"reply": {"type": "evaluation-moved", "on": "2027-03-29"}}) == "evaluation-moved for 2027-03-29"


def test_journey_ends_with_where_the_emails_are_and_with_the_clock_that_stays_ahead(tmp_path: Path) -> None:
    endpoints = replace(ENDPOINTS, var=tmp_path, public_mail_catcher_url="http://127.0.0.1:9025")
    dev_clock.write(endpoints.clock, timedelta(days=100))

    emails, clock = what_remains(endpoints).splitlines()

    assert emails == "Emails: http://127.0.0.1:9025"
    assert "stays ahead" in clock and "docker compose run --rm demo tandem clock reset" in clock


def test_timer_is_named_as_cause() -> None:
    (entry,) = build_report("t", [message("due", "tandem.coaching.evaluation-due.v1", "an unpublished timer")], []).messages

    assert entry.cause and (entry.cause.kind, entry.cause.subject) == ("a timer", None)


def test_timeline_shows_each_message_below_its_cause() -> None:
    console = Console(width=120, force_terminal=False)
    with console.capture() as shown:
        build_report("t", [RECEIPT, REGISTERED], []).print(console)

    lines = shown.get().splitlines()
    assert lines[0].startswith("Day, message, codes, “for” which day;")
    assert lines[1] == "one"
    assert all(line.lstrip("└├─│ ").startswith("2027-01-04 ") for line in lines[2:])
    assert [line.index(name) for line, name in zip(lines[2:], ("partner.x", "intake.receipt", "intake.org"), strict=True)] == [
        15,
        19,
        19,
    ]


@pytest.mark.parametrize("today", [date(2026, 11, 22) + timedelta(nth) for nth in range(0, 760, 3)], ids=str)
def test_every_day_has_a_suitable_first_day(today: date) -> None:
    first = suitable_first_day(today)
    next_day = working_day_on_or_after(first + timedelta(1), "nl-BE")
    evaluation, if_late = (working_day_on_or_after(add_months(day, 3), "nl-BE") for day in (first, next_day))

    assert today + timedelta(14) <= first <= today + timedelta(120)
    assert evaluation == if_late and working_day_on_or_after(evaluation + timedelta(7), "nl-BE") == evaluation + timedelta(7)
