"""Pages as people see them, read by the lint of our writing guide; and which answers still count."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup

from services.notify.domain.heard import PageAnswered
from services.notify.domain.letters import Person, coordinator, expert, of_programme
from services.notify.links import Expired, Link, Links, Unknown
from services.notify.pages import shown
from services.notify.pages.forms import answered
from services.notify.pages.known import Known
from services.notify.pages.page import Mistakes, Seen, Visit
from services.notify.pages.web import LOOKS
from services.notify.questions import parts, questions
from shared.messages.coaching import EvaluationCompleted
from shared.messages.codes import Role
from shared.messages.envelope import key
from shared.messages.intake import ContactChanged, TextFiled
from shared.messages.matching import MatchDeclined
from shared.messages.notify import CandidatePicked, EvaluationHeld, EvaluationMoved, ProposalAnswered, ReplyReceived
from tests.cast import FIRST_DAY, NOW, TALK, Cast
from tests.lint import dutch
from tests.unit.notify.corpus import POLICY
from tests.unit.notify.given import Played, after, envelope

C = Cast()
LINKS = Links("a secret of sixteen", "https://samen.example", 180)
MEDIATOR = of_programme("mediator")
TO_EXPERT, TO_COORDINATOR = expert(C.expert), coordinator(C.organisation)
PARTNER = Person(key("vacancy", C.vacancy), "partner")
STEPS = Link("stappen", key("organisation", C.organisation), TO_COORDINATOR)
NEXT = Link("volgende-stap", key("expert", C.expert), TO_EXPERT)
LIST = Link("lijst", key("vacancy", C.vacancy), MEDIATOR)
ASKED = Link("voorstel", key("match", C.match), TO_EXPERT)
ASKED_TOO = Link("voorstel", key("match", C.match), TO_COORDINATOR)
START = Link("start", key("tandem", C.tandem), PARTNER)
TALKS = Link("gesprek", key("tandem", C.tandem), TO_COORDINATOR)
HELP = Link("hulp", key("tandem", C.tandem), TO_EXPERT)
IN_MARCH = datetime(2027, 3, 1, 9, tzinfo=UTC)
PROPOSED = (C.registered(), C.able(), C.opened(), C.drawn(), C.proposed())
FORMED = (*PROPOSED, C.formed(), C.scheduled())


def visit(played: Played, link: Link, now: datetime = NOW) -> Visit:
    """A look behind a link, at what these rules remember of their history."""
    known = Known(None)
    known.states = played.states | {key: played.decider.initial(key) for key in _all() if key not in played.states}
    known.places = {key("organisation", C.organisation): [key("vacancy", C.vacancy)]}
    for message in (*C.contacts(), *C.texts()):
        if isinstance(message, ContactChanged):
            known.contacts[message.about, message.role, message.nth] = message.name, message.phone
        elif isinstance(message, TextFiled):
            known.texts[message.about, message.field] = message.text
    return Visit(link, known, POLICY, now)


def _all() -> list[str]:
    ids = {"organisation": C.organisation, "vacancy": C.vacancy, "expert": C.expert, "match": C.match, "tandem": C.tandem}
    return [key(kind, id) for kind, id in ids.items()]


async def seen(played: Played, link: Link, now: datetime = NOW) -> Seen:
    found = await LOOKS[link.purpose](visit(played, link, now))
    assert found is not None
    return found


async def html(played: Played, link: Link, now: datetime = NOW, mistakes: Mapping[str, str] | None = None) -> str:
    return shown.page(visit(played, link, now), await seen(played, link, now), LINKS, mistakes or {}, {}, closed=False)


def text(html: str) -> str:
    return re.sub(r"\s+", " ", BeautifulSoup(html, "html.parser").get_text(" "))


def reply(reply: Any, role: Role = "expert", at: datetime = NOW) -> Any:
    return envelope(PageAnswered(role, reply), at)


@pytest.mark.rule("R006")
@pytest.mark.parametrize("language", ["nl-BE", "nl-NL"])
@pytest.mark.parametrize(
    ("link", "history", "now"),
    [
        (STEPS, (C.registered(), C.opened()), NOW),
        (NEXT, (C.not_yet(),), NOW),
        (NEXT, (C.able(),), NOW),
        (LIST, (C.opened(), C.able(), C.drawn()), NOW),
        (LIST, PROPOSED, NOW),
        (ASKED, PROPOSED, NOW),
        (ASKED_TOO, PROPOSED, NOW),
        (ASKED, (*PROPOSED, MatchDeclined(C.match, C.vacancy, C.organisation, C.expert, "organisation", "none")), NOW),
        (ASKED, FORMED, NOW),
        (START, FORMED, NOW),
        (TALKS, FORMED, NOW),
        (TALKS._replace(person=TO_EXPERT), FORMED, NOW),
        (TALKS._replace(person=of_programme("lead")), FORMED, NOW),
        (TALKS, (*FORMED, EvaluationCompleted(C.tandem, C.vacancy, C.organisation, C.expert, "expert", TALK)), NOW),
        (HELP, (), NOW),
    ],
)
async def test_every_page_follows_the_writing_guide(link: Link, history: Any, now: datetime, language: Any) -> None:
    found = replace(await seen(after(*history), link, now), language=language)

    assert dutch.page(shown.page(visit(after(*history), link, now), found, LINKS, {}, {}, closed=True)) == []


@pytest.mark.parametrize("what", ["expired", "early", "later", "unknown"])
def test_a_door_that_does_not_open_is_kind_and_names_whom_to_call(what: Any) -> None:
    assert dutch.page(shown.kind(what, POLICY)) == []


async def test_a_confirmation_says_what_was_recorded_and_until_when_it_can_change() -> None:
    played = after(*PROPOSED, reply(ProposalAnswered(C.vacancy, C.expert, C.match, "expert", "yes", "none")))
    page = shown.confirmation(visit(played, ASKED), await seen(played, ASKED), LINKS, "/back")

    assert dutch.page(page) == []
    assert "Je zei ja." in text(page) and "Je kunt dit veranderen tot en met vrijdag 1 januari 2100" in text(page)


@pytest.mark.rule("R084")
async def test_a_place_is_shown_with_its_title_its_tasks_and_the_goal_of_each() -> None:
    for link in (LIST, ASKED, ASKED_TOO):
        page = text(await html(after(*PROPOSED), link))
        assert "Samen koken" in page and "Werken met groepen: Mensen leren elkaar kennen." in page


@pytest.mark.rule("R126")
async def test_all_candidates_are_shown_and_none_is_chosen_beforehand() -> None:
    page = BeautifulSoup(await html(after(C.opened(), C.able(), C.drawn()), LIST), "html.parser")

    assert [str(field["value"]) for field in page.find_all("input", attrs={"name": "expert"})] == [str(C.expert)]
    assert page.find_all(checked=True) == [] and "10" not in page.find("section").get_text()  # type: ignore[union-attr]


@pytest.mark.rule("R060")
async def test_a_proposal_says_that_nobody_is_lent_out_and_yes_looks_like_no() -> None:
    page = BeautifulSoup(await html(after(*PROPOSED), ASKED), "html.parser")
    yes, no = page.select("form#answer label.choice")

    assert "leent niemand uit" in page.get_text()
    assert str(yes).replace('value="yes"', "").replace("Ja", "") == str(no).replace('value="no"', "").replace("Nee", "")


@pytest.mark.rule("R009")
async def test_both_sides_see_the_same_reasons() -> None:
    def reasons(page: str) -> str:
        return text(page).partition("Wat goed past")[2].partition("Jouw antwoord")[0]

    assert reasons(await html(after(*PROPOSED), ASKED)) == reasons(await html(after(*PROPOSED), ASKED_TOO))


async def test_an_organisation_does_not_read_the_expert_s_name_before_both_say_yes() -> None:
    assert "Expert Eén" not in await html(after(*PROPOSED), ASKED_TOO)
    assert "Expert Eén" in await html(after(*FORMED), START)


@pytest.mark.rule("R132")
def test_the_talk_has_thirty_questions_of_which_each_role_reads_its_own() -> None:
    assert sum(len(part.items) for part in parts()) == 30
    assert [sum(len(h.questions) for h in questions(role)) for role in ("expert", "partner", "coordinator")] == [27, 17, 14]


@pytest.mark.rule("R132")
async def test_there_is_a_form_to_move_the_talk_and_none_to_delete_it() -> None:
    page = BeautifulSoup(await html(after(*FORMED), TALKS), "html.parser")

    assert [form["id"] for form in page.find_all("form")] == ["held", "move"]
    assert (await seen(after(*FORMED), TALKS._replace(person=of_programme("lead")))).forms == {}


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
async def test_a_talk_does_not_move_without_a_day_that_fits_and_a_reason(fields: dict[str, str], wrong: set[str]) -> None:
    with pytest.raises(Mistakes) as mistakes:
        (await seen(after(*FORMED), TALKS)).forms["move"](fields)

    assert set(mistakes.value.at) == wrong
    assert all(dutch.sentences(words) for words in mistakes.value.at.values())


async def test_what_was_picked_is_on_the_list_and_starts_when_the_form_says() -> None:
    form = (await seen(after(C.opened(), C.able(), C.drawn()), LIST)).forms["pick"]
    fields = {"expert": str(C.expert), "why": "fits_team", "words": " Zo. ", "starts_on": "2027-02-15", "revision": "1"}

    assert form(fields) == (CandidatePicked(C.vacancy, C.expert, "fits_team", date(2027, 2, 15), 1), "Zo.")
    with pytest.raises(Mistakes):
        form(fields | {"expert": str(C.match)})


async def test_a_yes_needs_no_reason_and_carries_none() -> None:
    form = (await seen(after(*PROPOSED), ASKED)).forms["answer"]

    assert form({"answer": "yes", "reason": "hours"})[0].reason == "none"  # type: ignore[union-attr]
    assert form({"answer": "no"})[0].reason == "none"  # type: ignore[union-attr]


def test_a_pick_counts_while_nobody_is_asked_and_not_after() -> None:
    pick = reply(CandidatePicked(C.vacancy, C.expert, "fits_team", None, 1), "mediator")

    assert [type(said) for said in after(C.opened(), C.drawn(), pick).said] == [ReplyReceived]
    assert after(*PROPOSED, pick).said == []
    assert after(C.drawn(), pick).said == []


def test_an_answer_counts_until_the_last_day_in_the_place_s_own_zone() -> None:
    yes = ProposalAnswered(C.vacancy, C.expert, C.match, "expert", "yes", "none")
    until = C.proposed(date(2026, 12, 4))

    last_minute, past_it = datetime(2026, 12, 4, 22, 59, tzinfo=UTC), datetime(2026, 12, 4, 23, 0, tzinfo=UTC)
    assert len(after(C.opened(), C.drawn(), until, reply(yes, at=last_minute)).said) == 1
    assert after(C.opened(), C.drawn(), until, reply(yes, at=past_it)).said == []


@pytest.mark.rule("R132")
@pytest.mark.parametrize(("days", "counts"), [(-1, False), (0, True), (30, True), (31, False)])
def test_a_talk_was_held_between_the_first_day_and_today(days: int, counts: bool) -> None:
    held = EvaluationHeld(C.tandem, "expert", FIRST_DAY + timedelta(days=days))
    now = datetime(2027, 3, 3, 9, tzinfo=UTC)

    assert len(after(*FORMED, reply(held, at=now)).said) == counts


@pytest.mark.rule("R132")
def test_a_talk_that_was_held_does_not_move() -> None:
    held = EvaluationCompleted(C.tandem, C.vacancy, C.organisation, C.expert, "expert", FIRST_DAY)
    move = EvaluationMoved(C.tandem, "expert", TALK + timedelta(days=1), time(14), "agenda")

    assert len(after(*FORMED, reply(move, at=IN_MARCH)).said) == 1
    assert after(*FORMED, held, reply(move, at=IN_MARCH)).said == []


def test_the_same_button_twice_is_one_answer_and_another_rendering_another() -> None:
    yes = ProposalAnswered(C.vacancy, C.expert, C.match, "expert", "yes", "none")

    assert answered(ASKED, "a", yes, "", NOW).id == answered(ASKED, "a", yes, "", IN_MARCH).id
    assert answered(ASKED, "a", yes, "", NOW).id != answered(ASKED, "b", yes, "", NOW).id
    assert answered(ASKED, "a", yes, "", NOW).id != answered(ASKED_TOO, "a", yes, "", NOW).id


def test_a_link_is_for_one_person_one_purpose_and_ages() -> None:
    for link in (STEPS, NEXT, LIST, ASKED, START, TALKS, HELP, START._replace(person=PARTNER._replace(nth=3))):
        address = LINKS.written(link)
        assert address.startswith(f"https://samen.example/{link.purpose}/")
        assert LINKS.read(link.purpose, address.rpartition("/")[2]) == link
    token = LINKS.written(ASKED).rpartition("/")[2]
    with pytest.raises(Unknown):
        LINKS.read("start", token)
    with pytest.raises(Unknown):
        LINKS.read("voorstel", token[:-1] + ("A" if token[-1] != "A" else "B"))
    with pytest.raises(Unknown):
        Links("another secret of 16", "https://samen.example", 180).read("voorstel", token)
    with pytest.raises(Expired):
        Links("a secret of sixteen", "https://samen.example", -1).read("voorstel", token)


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "é", "A" * 5000, "%00"])
def test_no_token_of_a_stranger_does_more_than_be_unknown(token: str) -> None:
    with pytest.raises(Unknown):
        LINKS.read("voorstel", token)
