"""Which messages lead to which emails, to whom, and with which facts."""

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
from shared.messages.envelope import Message
from shared.messages.ids import entity_key
from shared.messages.intake import ReadinessCompleted, ReadinessProgressed, TextFiled
from shared.messages.matching import MatchDeclined, MatchExpired, MatchWithdrawn
from shared.messages.notify import EmailFailed, EmailSent
from tests.support.factories import EVALUATION_DAY, FIRST_DAY, ZONE, Example
from tests.unit.notify.given import Scenario, after, envelope, templates
from tests.unit.notify.sample_emails import POLICY

EXAMPLE = Example()
MATCH = (EXAMPLE.match, EXAMPLE.vacancy, EXAMPLE.organisation, EXAMPLE.expert)
TANDEM = (EXAMPLE.tandem, EXAMPLE.vacancy, EXAMPLE.organisation, EXAMPLE.expert)
COORDINATOR = (entity_key("organisation", EXAMPLE.organisation), "coordinator")
EXPERT = (entity_key("expert", EXAMPLE.expert), "expert")
PARTNER = (entity_key("vacancy", EXAMPLE.vacancy), "partner")
MEDIATOR = ("programme", "mediator")
SCHEDULED = (EXAMPLE.opened(), EXAMPLE.formed(), EXAMPLE.scheduled())


@pytest.mark.rule("R045")
def test_new_organisation_gets_a_welcome_with_the_step_plan() -> None:
    incoming = envelope(EXAMPLE.registered())

    assert after(incoming).emails == [
        SendEmail(
            cause=incoming.id,
            template="welcome",
            to=Person(entity_key("organisation", EXAMPLE.organisation), "coordinator"),
            about=entity_key("organisation", EXAMPLE.organisation),
            facts={"organisation": str(EXAMPLE.organisation), "missing_b": ("RC-002",)},
        )
    ]


def test_organisation_is_welcomed_once() -> None:
    assert templates(after(EXAMPLE.registered(), EXAMPLE.registered()).emails) == ["welcome"]


@pytest.mark.rule("R069")
def test_progress_sends_no_email_but_a_passed_gate_does() -> None:
    progressed = ReadinessProgressed(EXAMPLE.organisation, None, (), ("RC-005",))

    scenario = after(EXAMPLE.registered(), progressed, ReadinessCompleted(EXAMPLE.organisation, None, "B"))

    assert templates(scenario.emails) == ["welcome", "ready_b"]
    assert scenario.emails[1].facts == {"organisation": str(EXAMPLE.organisation), "missing_s": ("RC-005",)}


@pytest.mark.rule("R057")
def test_person_not_yet_eligible_gets_the_next_step_once() -> None:
    assert after(EXAMPLE.not_eligible(), EXAMPLE.not_eligible()).recipients("next_step") == [EXPERT]


def test_eligible_expert_gets_no_email() -> None:
    assert after(EXAMPLE.eligible()).emails == []


def test_updated_shortlist_sends_no_second_email() -> None:
    assert after(EXAMPLE.opened(), EXAMPLE.drawn(1), EXAMPLE.drawn(2)).recipients("shortlist") == [MEDIATOR]


@pytest.mark.rule("R060")
def test_both_sides_get_the_same_reasons() -> None:
    scenario = after(EXAMPLE.opened(), EXAMPLE.drawn(), EXAMPLE.proposed(date(2026, 12, 4)))
    expert, organisation = (email.facts for email in scenario.emails if email.template.startswith("proposal"))

    assert scenario.recipients("proposal_expert") == [EXPERT] and scenario.recipients("proposal_organisation") == [COORDINATOR]
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
def test_end_of_a_proposal_is_sent_to_the_other_sides_and_the_mediator(end: Message, sides: list[tuple[str, str]]) -> None:
    scenario = after(EXAMPLE.opened(), EXAMPLE.drawn(), EXAMPLE.proposed(), end)

    assert scenario.recipients("ended") == sides
    assert scenario.recipients("ended_mediator") == [MEDIATOR]


@pytest.mark.rule("R116")
def test_start_email_goes_to_all_participants_with_the_evaluation_date() -> None:
    scenario = after(EXAMPLE.opened(), EXAMPLE.drawn(), EXAMPLE.proposed(), EXAMPLE.formed(), EXAMPLE.scheduled())

    assert scenario.recipients("start") == [COORDINATOR, EXPERT, PARTNER]
    assert scenario.emails[-1].facts["on"] == EVALUATION_DAY.isoformat()
    assert scenario.emails[-1].facts["starts_on"] == FIRST_DAY.isoformat()


@pytest.mark.rule("R127")
def test_exploration_email_goes_to_all_participants() -> None:
    started = ExplorationStarted(*TANDEM, started_on=FIRST_DAY)

    assert after(EXAMPLE.opened(), started).recipients("exploration") == [COORDINATOR, EXPERT, PARTNER]


@pytest.mark.rule("R127")
def test_blocked_start_email_goes_to_the_coordinator() -> None:
    waiting = StartWaiting(*TANDEM, FIRST_DAY, ("RC-601",))

    assert after(EXAMPLE.opened(), waiting).recipients("start_waiting") == [COORDINATOR]


@pytest.mark.rule("R132")
def test_moved_evaluation_is_sent_to_all_with_the_next_sequence() -> None:
    scenario = after(*SCHEDULED, EXAMPLE.scheduled(1, EVALUATION_DAY + timedelta(days=2)))

    assert scenario.recipients("evaluation_moved") == [COORDINATOR, EXPERT, PARTNER]
    assert scenario.emails[-1].facts["sequence"] == 1


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
def test_each_reminder_stage_goes_to_the_roles_in_the_policy(stage: str, people: list[tuple[str, str]]) -> None:
    assert after(*SCHEDULED, EXAMPLE.due(stage)).recipients(f"evaluation_{stage}") == people  # type: ignore[arg-type]


def test_completed_evaluation_sends_no_email() -> None:
    before = after(*SCHEDULED)
    count = len(before.emails)

    assert len(before.receive(EvaluationCompleted(*TANDEM, side="expert", held_on=EVALUATION_DAY)).emails) == count


def test_texts_and_contacts_are_saved_but_not_published() -> None:
    vacancy = entity_key("vacancy", EXAMPLE.vacancy)
    scenario = after(TextFiled(vacancy, "title", "Samen koken"), EXAMPLE.contact("expert"))

    assert scenario.effects == [SaveText(vacancy, "title", "Samen koken"), SaveContact(EXAMPLE.contact("expert"))]
    assert scenario.published == []


DELIVERED, REJECTED = EmailDelivered(EXAMPLE.match, 1), EmailUndeliverable(EXAMPLE.match, "rejected")


@pytest.mark.parametrize(("outcomes", "published"), [((DELIVERED, REJECTED), EmailSent), ((REJECTED, DELIVERED), EmailFailed)])
def test_first_outcome_of_an_email_is_final(outcomes: tuple[Message, ...], published: type[Message]) -> None:
    assert [type(message) for message in after(*outcomes).published] == [published]


def test_skipped_email_stays_skipped_and_publishes_nothing() -> None:
    scenario = after(EmailSkipped(EXAMPLE.match, "expired"), DELIVERED, EmailSkipped(EXAMPLE.match, "rescheduled"))
    key = entity_key("email", EXAMPLE.match)

    assert scenario.published == []
    assert scenario.states == {key: EmailDelivery(key, status="skipped", reason="expired")}


@pytest.mark.rule("R064")
def test_programme_staff_are_contacted_as_in_the_policy() -> None:
    for role, own in (("mediator", POLICY.mediator), ("advice_team", POLICY.advice_team), ("lead", POLICY.lead)):
        contact = ContactDirectory(POLICY).contact(of_programme(role))  # type: ignore[arg-type]
        assert contact and (contact.name, contact.email, contact.phone) == (own.name, own.email, own.phone)
    assert ContactDirectory(POLICY).contact(of_programme("partner")) is None


@pytest.mark.parametrize("stage", get_args(Stage))
def test_stage_removed_from_the_policy_goes_to_its_default_recipients(stage: Stage) -> None:
    reminders = tuple(step for step in POLICY.evaluation_reminders if step.stage != stage)
    without_stage = Scenario(POLICY.model_copy(update={"evaluation_reminders": reminders}))
    history, template = (*SCHEDULED, EXAMPLE.due(stage)), f"evaluation_{stage}"

    assert without_stage.receive(*history).recipients(template) == after(*history).recipients(template)


def test_vacancy_without_partners_sends_no_partner_email() -> None:
    alone = msgspec.structs.replace(EXAMPLE.opened(), partners=0)
    scenario = after(alone, EXAMPLE.formed(), EXAMPLE.scheduled(), EXAMPLE.due("invitation"))

    assert scenario.recipients("evaluation_invitation") == [COORDINATOR, EXPERT]


def test_emails_that_can_go_out_of_date_have_an_expiry() -> None:
    scenario = after(EXAMPLE.registered(), EXAMPLE.opened(), EXAMPLE.drawn(), EXAMPLE.proposed(date(2026, 12, 4)))
    scenario.receive(EXAMPLE.formed(), EXAMPLE.scheduled(), EXAMPLE.due("invitation"), EXAMPLE.due("lead"))
    scenario.receive(EXAMPLE.scheduled(1, EVALUATION_DAY + timedelta(days=1)))
    expiry = {email.template: email.expires_at and email.expires_at.isoformat() for email in scenario.emails}

    assert expiry == {
        "welcome": None,
        "shortlist": None,
        "proposal_expert": "2026-12-05T00:00:00+01:00",
        "proposal_organisation": "2026-12-05T00:00:00+01:00",
        "start": "2027-02-02T00:00:00+01:00",
        "evaluation_invitation": "2027-05-04T00:00:00+02:00",
        "evaluation_lead": None,
        "evaluation_moved": "2027-05-05T00:00:00+02:00",
    }


def test_shortlist_that_fills_again_sends_another_email() -> None:
    empty = msgspec.structs.replace(EXAMPLE.drawn(2), candidates=(), eligible_count=0)

    assert after(EXAMPLE.opened(), empty).recipients("shortlist") == []
    assert after(EXAMPLE.opened(), EXAMPLE.drawn(1), empty, EXAMPLE.drawn(3)).recipients("shortlist") == [MEDIATOR, MEDIATOR]


FORMED = envelope(EXAMPLE.formed())
MATCHING = [envelope(EXAMPLE.drawn()), envelope(EXAMPLE.proposed()), FORMED]
COACHING = [
    envelope(EXAMPLE.scheduled(), cause=FORMED.id),
    envelope(EXAMPLE.scheduled(1, EVALUATION_DAY + timedelta(days=3))),
    envelope(EXAMPLE.due("invitation")),
    envelope(ExplorationStarted(*TANDEM, started_on=FIRST_DAY)),
]
INTAKE = [
    envelope(EXAMPLE.registered()),
    envelope(ReadinessCompleted(EXAMPLE.organisation, None, "B")),
    envelope(EXAMPLE.eligible()),
]


@given(st.permutations(["matching"] * len(MATCHING) + ["coaching"] * len(COACHING) + ["intake"] * len(INTAKE)))
def test_emails_do_not_depend_on_the_order_between_topics(order: list[str]) -> None:
    streams = {"matching": iter(MATCHING), "coaching": iter(COACHING), "intake": iter(INTAKE)}
    ids = [email.id for email in after(EXAMPLE.opened(), *(next(streams[topic]) for topic in order)).emails]
    in_order = after(EXAMPLE.opened(), *INTAKE, *MATCHING, *COACHING).emails

    assert len(set(ids)) == len(ids)
    assert set(ids) == {email.id for email in in_order}


def test_evaluation_emails_have_its_time_zone() -> None:
    assert after(*SCHEDULED).emails[0].facts["zone"] == ZONE
