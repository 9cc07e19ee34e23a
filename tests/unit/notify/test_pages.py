"""Pages as people see them, read by the lint of our writing guide; and which answers still count."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec
import pytest
from bs4 import BeautifulSoup

from services.notify.contacts import Contact
from services.notify.domain.inputs import PageAnswered
from services.notify.domain.people import Person, coordinator, expert, of_programme
from services.notify.evaluation_questions import ROLE_CODES, parts, questions_for
from services.notify.links import KINDS, ROLES, ExpiredLink, InvalidLink, Link, Links
from services.notify.page_routes import PURPOSES
from services.notify.pages import rendering
from services.notify.pages.app import VIEWS
from services.notify.pages.forms import reply_id
from services.notify.pages.page_data import PageData
from services.notify.pages.views import FormErrors, PageRequest, PageView
from shared.messages.coaching import EvaluationCompleted, ExplorationStarted
from shared.messages.code_lists import Role
from shared.messages.envelope import entity_key
from shared.messages.intake import ContactChanged, TextFiled
from shared.messages.matching import MatchDeclined, MatchWithdrawn, Reason
from shared.messages.notify import CandidatePicked, EvaluationHeld, EvaluationMoved, ProposalAnswered, ReplyReceived
from tests.support import dutch_lint
from tests.support.factories import FIRST_DAY, NOW, TALK, Cast
from tests.unit.notify.given import Played, after, envelope
from tests.unit.notify.sample_emails import POLICY

C, OTHER = Cast(), Cast().expert
LINKS = Links("a secret of sixteen", "https://samen.example", 180)
MEDIATOR = of_programme("mediator")
TO_EXPERT, TO_COORDINATOR = expert(C.expert), coordinator(C.organisation)
PARTNER = Person(entity_key("vacancy", C.vacancy), "partner")
SOMEBODY = "somebody@post.example"
STEPS = LINKS.issue("stappen", entity_key("organisation", C.organisation), TO_COORDINATOR, SOMEBODY)
NEXT = LINKS.issue("volgende-stap", entity_key("expert", C.expert), TO_EXPERT, SOMEBODY)
LIST = LINKS.issue("lijst", entity_key("vacancy", C.vacancy), MEDIATOR, SOMEBODY)
ASKED = LINKS.issue("voorstel", entity_key("match", C.match), TO_EXPERT, SOMEBODY)
ASKED_TOO = LINKS.issue("voorstel", entity_key("match", C.match), TO_COORDINATOR, SOMEBODY)
START = LINKS.issue("start", entity_key("tandem", C.tandem), PARTNER, SOMEBODY)
TALKS = LINKS.issue("gesprek", entity_key("tandem", C.tandem), TO_COORDINATOR, SOMEBODY)
HELP = LINKS.issue("hulp", entity_key("tandem", C.tandem), TO_EXPERT, SOMEBODY)
IN_MARCH = datetime(2027, 3, 1, 9, tzinfo=UTC)
MATCH = (C.match, C.vacancy, C.organisation, C.expert)
BEGAN = ExplorationStarted(C.tandem, C.vacancy, C.organisation, C.expert, FIRST_DAY)
COMPLETED = EvaluationCompleted(C.tandem, C.vacancy, C.organisation, C.expert, "expert", TALK)
NOBODY = msgspec.structs.replace(C.drawn(2), candidates=(), eligible_count=0)
PROPOSED = (C.registered(), C.able(), C.opened(), C.drawn(), C.proposed())
FORMED = (*PROPOSED, C.formed(), C.scheduled())


def visit(played: Played, link: Link, now: datetime = NOW) -> PageRequest:
    """A look behind a link, at what these rules remember of their history."""
    data = PageData(None, POLICY)
    data.states = played.states | {key: played.decider.initial_state(key) for key in _all() if key not in played.states}
    data.vacancies = {entity_key("organisation", C.organisation): [entity_key("vacancy", C.vacancy)]}
    for message in (*C.contacts(), *C.texts()):
        if isinstance(message, ContactChanged):
            how = Contact(message.name, message.email, message.phone, message.language, message.zone)
            data.directory.contacts[Person(message.about, message.role, message.nth)] = how
        elif isinstance(message, TextFiled):
            data.directory.texts[message.about, message.field] = message.text
    return PageRequest(link, data, POLICY, now)


def _all() -> list[str]:
    ids = {"organisation": C.organisation, "vacancy": C.vacancy, "expert": C.expert, "match": C.match, "tandem": C.tandem}
    return [*(entity_key(kind, id) for kind, id in ids.items()), entity_key("expert", OTHER)]


async def seen(played: Played, link: Link, now: datetime = NOW) -> PageView:
    found = await dict(VIEWS)[link.purpose](visit(played, link, now))
    assert found is not None
    return found


async def html(played: Played, link: Link, now: datetime = NOW, mistakes: Mapping[str, str] | None = None) -> str:
    return rendering.page(visit(played, link, now), await seen(played, link, now), LINKS, errors=mistakes or {})


def text(html: str) -> str:
    return re.sub(r"\s+", " ", BeautifulSoup(html, "html.parser").get_text(" "))


def reply(reply: Any, role: Role = "expert", at: datetime = NOW) -> Any:
    return envelope(PageAnswered(role, reply), at)


YES = reply(ProposalAnswered(C.vacancy, C.expert, C.match, "expert", "yes", "none"))
NO = reply(ProposalAnswered(C.vacancy, C.expert, C.match, "expert", "no", "none"))
PICK = reply(CandidatePicked(C.vacancy, C.expert, "fits_team", None, 1), "mediator")


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
        (LIST, (C.opened(), C.able(), C.drawn(), NOBODY), NOW),
        (LIST, (C.opened(), C.able(), C.drawn(), PICK), NOW),
        (ASKED, PROPOSED, NOW),
        (ASKED_TOO, PROPOSED, NOW),
        (ASKED, (*PROPOSED, YES), NOW),
        (ASKED, (*PROPOSED, NO), NOW),
        (ASKED, (*PROPOSED, MatchDeclined(C.match, C.vacancy, C.organisation, C.expert, "organisation", "none")), NOW),
        (ASKED, FORMED, NOW),
        (START, FORMED, NOW),
        (TALKS, FORMED, NOW),
        (TALKS._replace(person=TO_EXPERT), FORMED, NOW),
        (TALKS._replace(person=of_programme("lead")), FORMED, NOW),
        (TALKS, (*FORMED, BEGAN), IN_MARCH),
        (TALKS, (*FORMED, COMPLETED), NOW),
        (HELP, (), NOW),
    ],
)
async def test_every_page_follows_the_writing_guide(link: Link, history: Any, now: datetime, language: Any) -> None:
    found = replace(await seen(after(*history), link, now), language=language)

    assert dutch_lint.page(rendering.page(visit(after(*history), link, now), found, LINKS, form_closed=True)) == []


@pytest.mark.parametrize("what", ["link_expired", "link_unknown", "not_ready", "unavailable"])
def test_a_door_that_does_not_open_is_kind_and_names_whom_to_call(what: Any) -> None:
    assert dutch_lint.page(rendering.error_page(what, POLICY)) == []


async def confirmed(played: Played, link: Link, now: datetime = NOW) -> str:
    page = rendering.confirmation(visit(played, link, now), await seen(played, link, now), LINKS, "/back")
    assert dutch_lint.page(page) == []
    return text(page)


async def test_a_yes_can_be_changed_until_its_day_and_a_no_is_final() -> None:
    yes, no = await confirmed(after(*PROPOSED, YES), ASKED), await confirmed(after(*PROPOSED, NO), ASKED)

    assert "Je zei ja." in yes and "Dat ja kan nog veranderen tot en met vrijdag 1 januari 2100" in yes
    assert "Je zei nee. Dat is goed, en het blijft zo." in no and "veranderen" not in no
    assert after(*PROPOSED, NO, YES).said == after(*PROPOSED, NO).said
    assert (await seen(after(*PROPOSED, NO), ASKED)).forms == {}
    assert "Een nee blijft staan" in text(await html(after(*PROPOSED), ASKED))


async def test_a_yes_to_what_is_settled_can_not_be_changed() -> None:
    declined = MatchDeclined(*MATCH, "organisation", "none")

    assert "veranderen" not in await confirmed(after(*PROPOSED, YES, declined), ASKED)
    assert "Dit voorstel gaat niet door" in await confirmed(after(*PROPOSED, YES, declined), ASKED)
    assert "Jullie zeiden allebei ja" in await confirmed(after(*PROPOSED, YES, C.formed()), ASKED)


@pytest.mark.parametrize("link", [ASKED, LIST, TALKS, STEPS, START])
async def test_nobody_is_thanked_who_did_not_answer(link: Link) -> None:
    history = (C.registered(), C.opened(), C.drawn()) if link == LIST else PROPOSED if link == ASKED else FORMED

    assert (await seen(after(*history), link)).confirmation == ()


async def test_after_the_talk_was_held_nothing_can_be_changed() -> None:
    held = reply(EvaluationHeld(C.tandem, "expert", IN_MARCH.date()), at=IN_MARCH)
    moved = reply(EvaluationMoved(C.tandem, "expert", TALK + timedelta(days=1), None, "agenda"), at=IN_MARCH)

    for history in ((*FORMED, BEGAN, held), (*FORMED, BEGAN, COMPLETED)):
        found = await seen(after(*history), TALKS, IN_MARCH)
        assert (found.forms, found.change_hint) == ({}, "")
        assert "veranderen" not in await confirmed(after(*history), TALKS, IN_MARCH)
    assert "kun je een andere kiezen" in await confirmed(after(*FORMED, BEGAN, moved), TALKS, IN_MARCH)


async def test_what_was_reported_and_not_taken_can_be_reported_again() -> None:
    held = reply(EvaluationHeld(C.tandem, "expert", IN_MARCH.date()), at=IN_MARCH)

    assert set((await seen(after(*FORMED, BEGAN, held, C.due("coordinator")), TALKS, IN_MARCH)).forms) == {"held", "move"}


async def test_an_empty_list_says_so_and_offers_no_form() -> None:
    page = await html(after(C.opened(), C.able(), C.drawn(), NOBODY), LIST)

    assert "Op dit moment past niemand" in page and "Je hoort van ons" in page and "<form" not in page


async def test_who_said_no_is_off_the_list_at_once() -> None:
    other = msgspec.structs.replace(C.drawn().candidates[0], expert=OTHER)
    two = msgspec.structs.replace(C.drawn(), eligible_count=2, candidates=(*C.drawn().candidates, other))
    declined = MatchDeclined(*MATCH, "expert", "none")
    found = await seen(after(C.opened(), C.able(), two, C.proposed(), declined), LIST)

    assert [one["id"] for one in found.context["candidates"]] == [str(OTHER)]
    assert found.context["vacancy"].eligible_count == 1
    with pytest.raises(FormErrors) as mistakes:
        found.forms["pick"]({"expert": str(C.expert), "why": "fits_team", "revision": "1"})
    assert "niet meer op de lijst" in mistakes.value.messages["expert"]


@pytest.mark.parametrize("because", ["expert_placed", "expert_unavailable"])
async def test_who_is_not_there_any_more_is_off_the_list_at_once(because: Any) -> None:
    gone = after(C.opened(), C.able(), C.drawn(), C.proposed(), MatchWithdrawn(*MATCH, because))

    assert (await seen(gone, LIST)).context["candidates"] == []


async def test_while_one_is_picked_no_other_can_be() -> None:
    other = msgspec.structs.replace(C.drawn().candidates[0], expert=OTHER)
    two = msgspec.structs.replace(C.drawn(), eligible_count=2, candidates=(*C.drawn().candidates, other))
    second = reply(CandidatePicked(C.vacancy, OTHER, "fits_team", None, 1), "mediator")
    played = after(C.opened(), C.able(), two, PICK, second)

    assert len(played.said) == 1
    assert (await seen(played, LIST)).forms == {}
    assert "Je koos Expert Eén. We maken het voorstel klaar." in text(await html(played, LIST))
    assert "anders kiezen" not in await html(played, LIST)


async def test_a_list_says_how_many_there_are_and_that_it_shows_the_best() -> None:
    best = msgspec.structs.replace(C.drawn(), eligible_count=45, candidates=C.drawn().candidates * 20)
    page = text(await html(after(C.opened(), C.able(), best), LIST))

    assert "45 mensen kunnen passen" in page and "We tonen de 20 die het best passen." in page


async def test_a_first_day_that_is_past_is_not_offered() -> None:
    then = datetime(2027, 2, 10, 9, tzinfo=UTC)
    page = BeautifulSoup(await html(after(C.opened(), C.able(), C.drawn()), LIST, then), "html.parser")

    assert [field["value"] for field in page.find_all("input", attrs={"name": "starts_on"})] == ["2027-02-10"]


@pytest.mark.rule("R121")
async def test_the_mediator_reads_that_who_starts_is_best_off_with_a_fixed_partner() -> None:
    one = msgspec.structs.replace(C.drawn().candidates[0], reasons_against=(Reason("tandem_form", ("alternating",)),))
    page = text(await html(after(C.opened(), C.able(), msgspec.structs.replace(C.drawn(), candidates=(one,))), LIST))

    assert "Het werk is nog nieuw. Een vaste tandempartner helpt dan het meest." in page


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
        return text(page).partition("Wat goed past")[2].partition(" antwoord")[0].rpartition(" ")[0]

    assert reasons(await html(after(*PROPOSED), ASKED)) == reasons(await html(after(*PROPOSED), ASKED_TOO))


@pytest.mark.rule("R069", "R070")
async def test_the_steps_are_numbered_and_say_which_are_done_and_what_is_open() -> None:
    page = text(await html(after(C.registered(), C.opened()), STEPS))

    assert "Basis: open Dit is nog niet zo. Het moet klaar zijn voordat jullie een vacature plaatsen:" in page
    assert "☐ Ons team is het eens over hoe wij naar armoede kijken." in page
    assert "Stap 1: Afspraken met de gemeente: klaar of niet nodig" in page and "Stap 7: Steun: klaar" in page
    own, _, place = page.partition("De stappen voor «Samen koken»")
    assert "Stap 6: Rustig starten (scharrelfase): bij elke vacature apart" in own
    assert "Stap 6: Rustig starten (scharrelfase): open" in place and "Stap 3: Functie en taken: klaar" in place
    assert [f"Stap {nth}:" in own for nth in range(1, 9)] == [True] * 8


async def test_before_the_first_day_the_coordinator_alone_reads_what_is_still_open() -> None:
    to_coordinator = START._replace(person=TO_COORDINATOR)

    assert "☐ Er is een plan voor de eerste weken" in text(await html(after(*FORMED), to_coordinator))
    assert "☐" not in await html(after(*FORMED), START) and "☐" not in await html(after(*FORMED, BEGAN), to_coordinator)


async def test_names_are_promised_while_the_proposal_is_open_and_shown_after_two_yeses() -> None:
    promise = "Namen delen we als jullie allebei ja zeggen"
    declined = MatchDeclined(*MATCH, "organisation", "none")

    assert promise in await html(after(*PROPOSED), ASKED_TOO)
    assert promise not in await html(after(*PROPOSED, declined), ASKED_TOO)
    formed = text(await html(after(*FORMED), ASKED_TOO))
    assert promise not in formed and "Expert Eén begint met dit werk" in formed
    assert "Contactpersoon Coordinator Eén" in text(await html(after(*FORMED), ASKED))
    assert "Coordinator Eén" not in await html(after(*PROPOSED), ASKED)


@pytest.mark.parametrize("person", [TO_COORDINATOR, TO_EXPERT, PARTNER, of_programme("advice_team"), of_programme("lead")])
async def test_the_page_of_a_talk_names_the_work_and_whom_it_is_with(person: Person) -> None:
    page = text(await html(after(*FORMED), TALKS._replace(person=person)))

    assert f"Het gaat om «Samen koken» bij Buurthuis Een{'' if person == TO_EXPERT else ', met Expert Eén'}." in page


@pytest.mark.parametrize(("role", "task"), [("advice_team", "Bel Coordinator Eén"), ("lead", "Spreek met het adviesteam af")])
async def test_the_programme_s_own_people_read_what_to_do_and_no_questions(role: Role, task: str) -> None:
    page = text(await html(after(*FORMED), TALKS._replace(person=of_programme(role))))

    assert task in page and "De vragen" not in page and "Ik voel mij welkom" not in page


async def test_an_organisation_does_not_read_the_expert_s_name_before_both_say_yes() -> None:
    assert "Expert Eén" not in await html(after(*PROPOSED), ASKED_TOO)
    assert "Expert Eén" in await html(after(*FORMED), START)


@pytest.mark.rule("R132")
def test_the_talk_has_thirty_questions_of_which_each_role_reads_its_own() -> None:
    assert sum(len(part.items) for part in parts()) == 30
    counts: dict[Role, int] = {"expert": 27, "partner": 17, "coordinator": 14}
    for role, count in counts.items():
        own = [item for part in parts() for item in part.items if ROLE_CODES[role] in item.who]
        asked = [question for heading in questions_for(role) for question in heading.questions]
        assert (len(own), len(asked)) == (count, count - 1)


async def test_the_questions_are_to_prepare_and_what_is_private_has_a_person() -> None:
    page = text(await html(after(*FORMED, BEGAN), TALKS, IN_MARCH))

    assert "Jullie hoeven hier niets in te vullen." in page and "Bij elke zin" not in page and "TAO" not in page
    assert f"Zeg het dan alleen aan {POLICY.advice_team.name}." in page


@pytest.mark.rule("R132")
async def test_there_is_a_form_to_move_the_talk_and_none_to_delete_it() -> None:
    page = BeautifulSoup(await html(after(*FORMED, BEGAN), TALKS, IN_MARCH), "html.parser")

    assert [form["id"] for form in page.find_all("form")] == ["held", "move"]
    assert [field["value"] for field in page.find_all("input", type="date")] == ["", ""]
    assert (await seen(after(*FORMED), TALKS._replace(person=of_programme("lead")))).forms == {}


@pytest.mark.rule("R132")
@pytest.mark.parametrize(("days", "shown"), [(27, False), (28, True)])
async def test_that_the_talk_was_held_is_asked_from_four_weeks_after_the_pair_began(days: int, shown: bool) -> None:
    then = datetime(2027, 2, 1, 9, tzinfo=UTC) + timedelta(days=days)

    assert ("held" in (await seen(after(*FORMED, BEGAN), TALKS, then)).forms) == shown
    assert "held" not in (await seen(after(*FORMED), TALKS, then)).forms


async def test_a_button_pressed_by_a_machine_completes_nothing() -> None:
    with pytest.raises(FormErrors):
        (await seen(after(*FORMED, BEGAN), TALKS, IN_MARCH)).forms["held"]({"held_on": ""})


@pytest.mark.rule("R132")
async def test_a_talk_does_not_move_to_the_day_and_hour_that_it_has() -> None:
    form = (await seen(after(*FORMED), TALKS)).forms["move"]
    fields = {"to": TALK.isoformat(), "reason": "agenda"}
    same = EvaluationMoved(C.tandem, "organisation", TALK, None, "agenda")

    with pytest.raises(FormErrors) as mistakes:
        form(fields)
    assert mistakes.value.messages == {"to": "Op die dag en dat uur staat het gesprek al."}
    assert form(fields | {"at": "14:00"})[0] == msgspec.structs.replace(same, at=time(14))
    assert after(*FORMED, reply(same)).said == []


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
    with pytest.raises(FormErrors) as mistakes:
        (await seen(after(*FORMED), TALKS)).forms["move"](fields)

    assert set(mistakes.value.messages) == wrong
    assert all(dutch_lint.sentences(words) for words in mistakes.value.messages.values())


async def test_what_was_picked_is_on_the_list_and_starts_when_the_form_says() -> None:
    form = (await seen(after(C.opened(), C.able(), C.drawn()), LIST)).forms["pick"]
    fields = {"expert": str(C.expert), "why": "fits_team", "words": " Zo. ", "starts_on": "2027-02-15", "revision": "1"}

    assert form(fields) == (CandidatePicked(C.vacancy, C.expert, "fits_team", date(2027, 2, 15), 1), "Zo.")
    for wrong in ({"expert": str(C.match)}, {"starts_on": "2026-11-19"}, {"starts_on": "2027-11-21"}):
        with pytest.raises(FormErrors):
            form(fields | wrong)


async def test_a_yes_needs_no_reason_and_carries_none() -> None:
    form = (await seen(after(*PROPOSED), ASKED)).forms["answer"]

    assert form({"answer": "yes", "reason": "hours"})[0].reason == "none"  # type: ignore[union-attr]
    assert form({"answer": "no"})[0].reason == "none"  # type: ignore[union-attr]


def test_a_pick_counts_while_nobody_is_asked_and_not_after() -> None:
    assert [type(said) for said in after(C.opened(), C.drawn(), PICK).said] == [ReplyReceived]
    assert after(*PROPOSED, PICK).said == []
    assert after(C.drawn(), PICK).said == []
    assert len(after(C.opened(), C.drawn(), PICK, C.drawn(2), PICK).said) == 2


def test_an_answer_counts_until_the_last_day_in_the_place_s_own_zone() -> None:
    yes = ProposalAnswered(C.vacancy, C.expert, C.match, "expert", "yes", "none")
    until = C.proposed(date(2026, 12, 4))

    last_minute, past_it = datetime(2026, 12, 4, 22, 59, tzinfo=UTC), datetime(2026, 12, 4, 23, 0, tzinfo=UTC)
    assert len(after(C.opened(), C.drawn(), until, reply(yes, at=last_minute)).said) == 1
    assert after(C.opened(), C.drawn(), until, reply(yes, at=past_it)).said == []


@pytest.mark.rule("R132")
@pytest.mark.parametrize(("days", "counts"), [(27, False), (28, True), (30, True), (31, False)])
def test_a_talk_was_held_after_the_first_weeks_and_not_in_the_future(days: int, counts: bool) -> None:
    held = EvaluationHeld(C.tandem, "expert", FIRST_DAY + timedelta(days=days))
    now = datetime(2027, 3, 3, 9, tzinfo=UTC)

    assert len(after(*FORMED, BEGAN, reply(held, at=now)).said) == counts
    assert after(*FORMED, reply(held, at=now)).said == []


@pytest.mark.rule("R132")
def test_a_talk_that_was_held_does_not_move() -> None:
    held = EvaluationCompleted(C.tandem, C.vacancy, C.organisation, C.expert, "expert", FIRST_DAY)
    move = EvaluationMoved(C.tandem, "expert", TALK + timedelta(days=1), time(14), "agenda")

    assert len(after(*FORMED, reply(move, at=IN_MARCH)).said) == 1
    assert after(*FORMED, held, reply(move, at=IN_MARCH)).said == []


def test_the_same_button_twice_is_one_answer_and_anything_else_another() -> None:
    sent = {"form": "move", "nonce": "a", "to": "2027-05-10"}

    assert reply_id(ASKED, sent) == reply_id(ASKED, dict(reversed(sent.items())))
    others = [sent | other for other in ({"nonce": "b"}, {"form": "held"}, {"to": "2027-05-11"}, {"at": "14:00"})]
    ids = [reply_id(ASKED, sent), reply_id(ASKED_TOO, sent), *(reply_id(ASKED, other) for other in others)]
    assert len(set(ids)) == 6


def test_a_link_is_for_one_person_one_purpose_and_ages() -> None:
    for link in (STEPS, NEXT, LIST, ASKED, START, TALKS, HELP, START._replace(person=PARTNER._replace(nth=3))):
        address = LINKS.url_for(link)
        assert address.startswith(f"https://samen.example/{link.purpose}/")
        assert LINKS.verify(link.purpose, address.rpartition("/")[2]) == link
    token = LINKS.url_for(ASKED).rpartition("/")[2]
    with pytest.raises(InvalidLink):
        LINKS.verify("start", token)
    with pytest.raises(InvalidLink):
        LINKS.verify("voorstel", token[:-9] + ("A" if token[-9] != "A" else "B") + token[-8:])
    with pytest.raises(InvalidLink):
        Links("another secret of 16", "https://samen.example", 180).verify("voorstel", token)
    with pytest.raises(ExpiredLink):
        Links("a secret of sixteen", "https://samen.example", -1).verify("voorstel", token)


def test_a_link_belongs_to_an_address_and_keeps_its_age_when_it_leads_on() -> None:
    assert LINKS.recipient_tag("Somebody@Post.example ") == ASKED.recipient_tag != LINKS.recipient_tag("another@post.example")
    assert Links("another secret of 16", "https://samen.example", 180).recipient_tag(SOMEBODY) != ASKED.recipient_tag
    old = ASKED._replace(issued_at=ASKED.issued_at - 179 * 86_400)
    on = LINKS.url_for(old._replace(purpose="hulp")).rpartition("/")[2]
    assert LINKS.verify("hulp", on).issued_at == old.issued_at
    with pytest.raises(ExpiredLink):
        LINKS.verify("voorstel", LINKS.url_for(ASKED._replace(issued_at=ASKED.issued_at - 181 * 86_400)).rpartition("/")[2])


def test_links_that_are_in_peoples_mailboxes_stay_readable() -> None:
    assert PURPOSES == ("stappen", "volgende-stap", "lijst", "voorstel", "start", "gesprek", "hulp")
    assert ROLES == ("coordinator", "expert", "partner", "mediator", "advice_team", "lead")
    assert KINDS == ("organisation", "expert", "vacancy", "match", "tandem", "programme")


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "é", "A" * 5000, "%00"])
def test_no_token_of_a_stranger_does_more_than_be_unknown(token: str) -> None:
    with pytest.raises(InvalidLink):
        LINKS.verify("voorstel", token)
