"""Which fact leads to which letter, for whom, with which facts."""

from datetime import date, timedelta
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.contacts import ContactDirectory
from services.notify.domain.effects import SaveContact, SaveText, SendEmail
from services.notify.domain.emails import EmailDelivery
from services.notify.domain.inputs import EmailDelivered, EmailSkipped, EmailUndeliverable
from services.notify.domain.people import Person, of_programme
from shared.messages.coaching import EvaluationCompleted, ExplorationStarted, Stage, StartWaiting
from shared.messages.envelope import Message, entity_key
from shared.messages.intake import ReadinessCompleted, ReadinessProgressed, TextFiled
from shared.messages.matching import MatchDeclined, MatchExpired, MatchWithdrawn
from shared.messages.notify import EmailFailed, EmailSent
from tests.support.factories import FIRST_DAY, TALK, ZONE, Cast
from tests.unit.notify.given import Played, after, envelope, templates
from tests.unit.notify.sample_emails import POLICY

C = Cast()
MATCH = (C.match, C.vacancy, C.organisation, C.expert)
TANDEM = (C.tandem, C.vacancy, C.organisation, C.expert)
COORDINATOR = (entity_key("organisation", C.organisation), "coordinator")
EXPERT = (entity_key("expert", C.expert), "expert")
PARTNER = (entity_key("vacancy", C.vacancy), "partner")
MEDIATOR = ("programme", "mediator")


@pytest.mark.rule("R045")
def test_a_coordinator_is_welcomed_with_the_step_plan() -> None:
    heard = envelope(C.registered())

    assert after(heard).letters == [
        SendEmail(
            cause=heard.id,
            template="welcome",
            to=Person(entity_key("organisation", C.organisation), "coordinator"),
            about=entity_key("organisation", C.organisation),
            facts={"organisation": str(C.organisation), "missing_b": ("RC-002",)},
        )
    ]


def test_an_organisation_that_is_submitted_again_is_not_welcomed_again() -> None:
    assert templates(after(C.registered(), C.registered()).letters) == ["welcome"]


@pytest.mark.rule("R069")
def test_a_step_in_between_sends_no_mail_and_a_gate_that_is_met_does() -> None:
    progressed = ReadinessProgressed(C.organisation, None, (), ("RC-005",))

    played = after(C.registered(), progressed, ReadinessCompleted(C.organisation, None, "B"))

    assert templates(played.letters) == ["welcome", "ready_b"]
    assert played.letters[1].facts == {"organisation": str(C.organisation), "missing_s": ("RC-005",)}


@pytest.mark.rule("R057")
def test_who_is_not_yet_eligible_hears_the_next_step_once() -> None:
    assert after(C.not_yet(), C.not_yet()).to("next_step") == [EXPERT]


def test_an_eligible_expert_gets_no_mail() -> None:
    assert after(C.able()).letters == []


def test_a_list_that_is_drawn_again_sends_no_second_mail() -> None:
    assert after(C.opened(), C.drawn(1), C.drawn(2)).to("shortlist") == [MEDIATOR]


@pytest.mark.rule("R060")
def test_both_sides_get_the_same_reasons_each_with_its_own_day() -> None:
    played = after(C.opened(), C.drawn(), C.proposed(date(2026, 12, 4)))
    expert, organisation = (letter.facts for letter in played.letters if letter.template.startswith("proposal"))

    assert played.to("proposal_expert") == [EXPERT] and played.to("proposal_organisation") == [COORDINATOR]
    assert expert == organisation
    assert expert["reasons_for"] == ({"dimension": "tasks", "codes": ("group_work",)}, {"dimension": "hours", "codes": ()})


@pytest.mark.parametrize(
    ("end", "sides"),
    [
        (MatchDeclined(*MATCH, side="expert", reason="none"), [COORDINATOR]),
        (MatchDeclined(*MATCH, side="organisation", reason="hours"), [EXPERT]),
        (MatchExpired(*MATCH, unanswered_by=("expert",)), [EXPERT, COORDINATOR]),
        (MatchWithdrawn(*MATCH, reason="expert_placed"), [EXPERT, COORDINATOR]),
        (MatchWithdrawn(*MATCH, reason="expert_unavailable"), [EXPERT, COORDINATOR]),
        (MatchWithdrawn(*MATCH, reason="vacancy_closed"), [EXPERT]),
    ],
)
def test_when_a_proposal_ends_the_others_and_the_mediator_hear_it(end: Message, sides: list[tuple[str, str]]) -> None:
    played = after(C.opened(), C.drawn(), C.proposed(), end)

    assert played.to("ended") == sides
    assert played.to("ended_mediator") == [MEDIATOR]


@pytest.mark.rule("R116")
def test_both_partners_and_the_coordinator_hear_of_the_start_with_the_day_of_the_talk() -> None:
    played = after(C.opened(), C.drawn(), C.proposed(), C.formed(), C.scheduled())

    assert played.to("start") == [COORDINATOR, EXPERT, PARTNER]
    assert played.letters[-1].facts["on"] == TALK.isoformat()
    assert played.letters[-1].facts["starts_on"] == FIRST_DAY.isoformat()


@pytest.mark.rule("R127")
def test_the_exploration_phase_is_told_to_all_and_a_start_that_waits_to_the_coordinator() -> None:
    assert after(C.opened(), ExplorationStarted(*TANDEM, started_on=FIRST_DAY)).to("exploration") == [COORDINATOR, EXPERT, PARTNER]
    assert after(C.opened(), StartWaiting(*TANDEM, FIRST_DAY, ("RC-601",))).to("start_waiting") == [COORDINATOR]


@pytest.mark.rule("R132")
def test_a_talk_that_moves_is_told_to_all_with_the_next_sequence() -> None:
    played = after(C.opened(), C.formed(), C.scheduled(), C.scheduled(1, TALK + timedelta(days=2)))

    assert played.to("evaluation_moved") == [COORDINATOR, EXPERT, PARTNER]
    assert played.letters[-1].facts["sequence"] == 1


@pytest.mark.rule("R132")
@pytest.mark.parametrize(
    ("stage", "people"),
    [
        ("invitation", [COORDINATOR, EXPERT, PARTNER]),
        ("reminder_7", [COORDINATOR, EXPERT, PARTNER]),
        ("reminder_1", [COORDINATOR, EXPERT, PARTNER]),
        ("coordinator", [COORDINATOR]),
        ("advice_team", [("programme", "advice_team")]),
        ("lead", [("programme", "lead")]),
    ],
)
def test_each_stage_of_the_chase_is_for_whom_the_policy_names(stage: str, people: list[tuple[str, str]]) -> None:
    assert after(C.opened(), C.formed(), C.scheduled(), C.due(stage)).to(f"evaluation_{stage}") == people  # type: ignore[arg-type]


def test_a_talk_that_was_held_sends_no_mail() -> None:
    before = after(C.opened(), C.formed(), C.scheduled())
    count = len(before.letters)

    assert len(before.hear(EvaluationCompleted(*TANDEM, side="expert", held_on=TALK)).letters) == count


def test_words_and_contacts_are_kept_and_said_to_nobody() -> None:
    text = TextFiled(entity_key("vacancy", C.vacancy), "title", "Samen koken")

    played = after(text, C.contact("expert"))

    assert played.effects == [SaveText(entity_key("vacancy", C.vacancy), "title", "Samen koken"), SaveContact(C.contact("expert"))]
    assert played.said == []


def test_the_first_outcome_of_a_letter_stands() -> None:
    id = C.match

    assert [type(said) for said in after(EmailDelivered(id, 1), EmailUndeliverable(id, "gave_up")).said] == [EmailSent]
    assert [type(said) for said in after(EmailUndeliverable(id, "rejected"), EmailDelivered(id, 1)).said] == [EmailFailed]
    skipped = after(EmailSkipped(id, "expired"), EmailDelivered(id, 1), EmailSkipped(id, "rescheduled"))
    assert (skipped.said, skipped.states) == (
        [],
        {entity_key("email", id): EmailDelivery(entity_key("email", id), status="skipped", reason="expired")},
    )


@pytest.mark.rule("R064")
def test_the_programme_s_own_people_are_reached_as_the_policy_says() -> None:
    for role, own in (("mediator", POLICY.mediator), ("advice_team", POLICY.advice_team), ("lead", POLICY.lead)):
        contact = ContactDirectory(POLICY).contact(of_programme(role))  # type: ignore[arg-type]
        assert contact and (contact.name, contact.email, contact.phone) == (own.name, own.email, own.phone)
    assert ContactDirectory(POLICY).contact(of_programme("partner")) is None


@pytest.mark.parametrize("stage", get_args(Stage))
def test_a_stage_that_the_policy_no_longer_names_is_for_whom_it_usually_is(stage: Stage) -> None:
    kept = tuple(step for step in POLICY.evaluation_reminders if step.stage != stage)
    played = Played(POLICY.model_copy(update={"evaluation_reminders": kept})).hear(
        C.opened(), C.formed(), C.scheduled(), C.due(stage)
    )

    assert played.to(f"evaluation_{stage}") == after(C.opened(), C.formed(), C.scheduled(), C.due(stage)).to(f"evaluation_{stage}")


def test_a_place_without_a_partner_leads_to_no_letter_for_one() -> None:
    alone = msgspec.structs.replace(C.opened(), partners=0)

    assert after(alone, C.formed(), C.scheduled(), C.due("invitation")).to("evaluation_invitation") == [COORDINATOR, EXPERT]


def test_letters_that_grow_old_name_the_moment() -> None:
    played = after(C.registered(), C.opened(), C.drawn(), C.proposed(date(2026, 12, 4)), C.formed(), C.scheduled())
    played.hear(C.due("invitation"), C.due("lead"), C.scheduled(1, TALK + timedelta(days=1)))
    until = {letter.template: letter.expires_at and letter.expires_at.isoformat() for letter in played.letters}

    assert until == {
        "welcome": None,
        "shortlist": None,
        "proposal_expert": "2026-12-05T00:00:00+01:00",
        "proposal_organisation": "2026-12-05T00:00:00+01:00",
        "start": "2027-02-02T00:00:00+01:00",
        "evaluation_invitation": "2027-05-04T00:00:00+02:00",
        "evaluation_lead": None,
        "evaluation_moved": "2027-05-05T00:00:00+02:00",
    }


def test_a_list_that_was_empty_is_told_of_again_when_it_fills() -> None:
    nobody = msgspec.structs.replace(C.drawn(2), candidates=(), eligible_count=0)

    assert after(C.opened(), nobody).to("shortlist") == []
    assert after(C.opened(), C.drawn(1), nobody, C.drawn(3)).to("shortlist") == [MEDIATOR, MEDIATOR]


FORMED = envelope(C.formed())
MATCHING = [envelope(C.drawn()), envelope(C.proposed()), FORMED]
COACHING = [
    envelope(C.scheduled(), cause=FORMED.id),
    envelope(C.scheduled(1, TALK + timedelta(days=3))),
    envelope(C.due("invitation")),
    envelope(ExplorationStarted(*TANDEM, started_on=FIRST_DAY)),
]
INTAKE = [envelope(C.registered()), envelope(ReadinessCompleted(C.organisation, None, "B")), envelope(C.able())]


@given(st.permutations(["matching"] * len(MATCHING) + ["coaching"] * len(COACHING) + ["intake"] * len(INTAKE)))
def test_no_order_between_topics_changes_the_letters_or_sends_one_twice(order: list[str]) -> None:
    streams = {"matching": iter(MATCHING), "coaching": iter(COACHING), "intake": iter(INTAKE)}
    ids = [letter.id for letter in after(C.opened(), *(next(streams[topic]) for topic in order)).letters]
    in_order = after(C.opened(), *INTAKE, *MATCHING, *COACHING).letters

    assert len(set(ids)) == len(ids)
    assert set(ids) == {letter.id for letter in in_order}


def test_the_zone_of_the_talk_travels_with_its_letters() -> None:
    assert after(C.opened(), C.formed(), C.scheduled()).letters[0].facts["zone"] == ZONE
