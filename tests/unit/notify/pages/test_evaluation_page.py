"""The evaluation page: questions by role, the forms to report and to move the evaluation, and what can still be changed."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup

from services.notify.domain.people import Person, of_programme
from services.notify.evaluation_questions import ROLE_CODES, parts, questions_for
from services.notify.pages.views import FormErrors
from shared.messages.coaching import ReplyRefused
from shared.messages.code_lists import Role
from shared.messages.notify import EvaluationHeld, EvaluationMoved
from tests.support import dutch_lint
from tests.support.factories import EVALUATION_DAY
from tests.unit.notify.given import after
from tests.unit.notify.pages.page_harness import (
    COORDINATOR,
    EVALUATION_COMPLETED,
    EVALUATION_LINK,
    EXAMPLE,
    EXPERT,
    FORMED,
    IN_MARCH,
    PARTNER,
    STARTED,
    confirmation_of,
    html_of,
    reply,
    text_of,
    view_of,
)
from tests.unit.notify.sample_emails import POLICY

HELD = reply(EvaluationHeld(EXAMPLE.tandem, "expert", IN_MARCH.date()), at=IN_MARCH)
MOVED = reply(EvaluationMoved(EXAMPLE.tandem, "expert", EVALUATION_DAY + timedelta(days=1), None, "agenda"), at=IN_MARCH)


@pytest.mark.parametrize("ended", [HELD, EVALUATION_COMPLETED])
async def test_evaluation_that_was_held_cannot_be_changed(ended: Any) -> None:
    history = (*STARTED, ended)
    view = await view_of(after(*history), EVALUATION_LINK, IN_MARCH)

    assert (view.forms, view.change_hint) == ({}, "")
    assert "veranderen" not in await confirmation_of(history, EVALUATION_LINK, IN_MARCH)


async def test_moved_evaluation_can_be_moved_again() -> None:
    assert "kun je een andere kiezen" in await confirmation_of((*STARTED, MOVED), EVALUATION_LINK, IN_MARCH)


async def test_rejected_report_can_be_repeated() -> None:
    refused = ReplyRefused(EXAMPLE.match, "expert", 0, EXAMPLE.tandem, "held", IN_MARCH.date(), "date")
    waiting, repeated = after(*STARTED, HELD, EXAMPLE.due("coordinator")), after(*STARTED, HELD, refused)

    assert (await view_of(waiting, EVALUATION_LINK, IN_MARCH)).forms == {}
    assert set((await view_of(repeated, EVALUATION_LINK, IN_MARCH)).forms) == {"held", "move"}


async def test_refused_move_gives_the_page_its_state_back() -> None:
    refused = ReplyRefused(EXAMPLE.match, "expert", 0, EXAMPLE.tandem, "moved", EVALUATION_DAY, "date")

    assert "We hebben je keuze ontvangen" in await confirmation_of((*STARTED, MOVED), EVALUATION_LINK, IN_MARCH)
    assert (await view_of(after(*STARTED, MOVED, refused), EVALUATION_LINK, IN_MARCH)).confirmation == ()


@pytest.mark.parametrize("person", [COORDINATOR, EXPERT, PARTNER, of_programme("advice_team"), of_programme("lead")])
async def test_page_names_the_work_and_the_other_person(person: Person) -> None:
    page = await text_of(after(*FORMED), EVALUATION_LINK._replace(person=person))

    assert f"Het gaat om «Samen koken» bij Buurthuis Een{'' if person == EXPERT else ', met Expert Eén'}." in page


@pytest.mark.parametrize(("role", "task"), [("advice_team", "Bel Coordinator Eén"), ("lead", "Spreek met het adviesteam af")])
async def test_programme_staff_read_what_to_do_and_no_questions(role: Role, task: str) -> None:
    page = await text_of(after(*FORMED), EVALUATION_LINK._replace(person=of_programme(role)))

    assert task in page and "De vragen" not in page and "Ik voel mij welkom" not in page


@pytest.mark.rule("R132")
def test_questionnaire_has_thirty_questions() -> None:
    assert sum(len(part.items) for part in parts()) == 30


@pytest.mark.rule("R132")
@pytest.mark.parametrize(("role", "count"), [("expert", 27), ("partner", 17), ("coordinator", 14)])
def test_each_role_prepares_its_own_questions_except_the_private_one(role: Role, count: int) -> None:
    own = [question for part in parts() for question in part.items if ROLE_CODES[role] in question.who]
    prepared = [question for section in questions_for(role) for question in section.questions]

    assert (len(own), len(prepared)) == (count, count - 1)


async def test_questions_need_no_written_answer_and_private_matters_have_a_contact() -> None:
    page = await text_of(after(*STARTED), EVALUATION_LINK, IN_MARCH)

    assert "Jullie hoeven hier niets in te vullen." in page and "Bij elke zin" not in page and "TAO" not in page
    assert f"Zeg het dan alleen aan {POLICY.advice_team.name}." in page


@pytest.mark.rule("R132")
async def test_participants_can_move_the_evaluation_but_not_delete_it() -> None:
    page = BeautifulSoup(await html_of(after(*STARTED), EVALUATION_LINK, IN_MARCH), "html.parser")

    assert [form["id"] for form in page.find_all("form")] == ["held", "move"]
    assert [field["value"] for field in page.find_all("input", type="date")] == ["", ""]
    assert (await view_of(after(*FORMED), EVALUATION_LINK._replace(person=of_programme("lead")))).forms == {}


@pytest.mark.rule("R132")
@pytest.mark.parametrize(("days", "shown"), [(27, False), (28, True)])
async def test_evaluation_can_be_reported_from_four_weeks_after_the_start(days: int, shown: bool) -> None:
    now = datetime(2027, 2, 1, 9, tzinfo=UTC) + timedelta(days=days)

    assert ("held" in (await view_of(after(*STARTED), EVALUATION_LINK, now)).forms) == shown
    assert "held" not in (await view_of(after(*FORMED), EVALUATION_LINK, now)).forms


async def test_report_needs_a_day_so_that_no_mail_scanner_can_complete_it() -> None:
    read = (await view_of(after(*STARTED), EVALUATION_LINK, IN_MARCH)).forms["held"]

    with pytest.raises(FormErrors):
        read({"held_on": ""})


@pytest.mark.rule("R132")
async def test_evaluation_cannot_move_to_the_day_and_time_that_it_has() -> None:
    read = (await view_of(after(*FORMED), EVALUATION_LINK)).forms["move"]
    same_day = {"to": EVALUATION_DAY.isoformat(), "reason": "agenda"}

    with pytest.raises(FormErrors) as errors:
        read(same_day)
    assert errors.value.messages == {"to": "Op die dag en dat uur staat het gesprek al."}
    assert read(same_day | {"at": "14:00"}).reply == EvaluationMoved(
        EXAMPLE.tandem, "organisation", EVALUATION_DAY, time(14), "agenda"
    )


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, {"to", "reason"}),
        ({"to": "2027-05-10"}, {"reason"}),
        ({"to": "2020-01-01", "reason": "agenda"}, {"to"}),
        ({"to": "2027-08-02", "reason": "agenda"}, {"to"}),
        ({"to": "morgen", "reason": "agenda", "at": "laat"}, {"to", "at"}),
    ],
)
@pytest.mark.rule("R132")
async def test_move_needs_a_day_within_half_a_year_and_a_reason(fields: dict[str, str], wrong: set[str]) -> None:
    with pytest.raises(FormErrors) as errors:
        (await view_of(after(*FORMED), EVALUATION_LINK)).forms["move"](fields)

    assert set(errors.value.messages) == wrong
    assert all(dutch_lint.sentences(message) for message in errors.value.messages.values())
