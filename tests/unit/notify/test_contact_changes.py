"""A person with another name or address gets what is open; who left gets a cancellation; an unreachable one is reported once."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from services.notify.domain.effects import SendEmail
from services.notify.domain.inputs import ContactReplaced, EmailUndeliverable, LinkRequested, Unreachable
from services.notify.domain.people import Person, coordinator, expert, of_programme, partners
from shared.messages.coaching import EvaluationCompleted, ExplorationStarted
from shared.messages.envelope import Message
from shared.messages.ids import entity_key
from shared.messages.matching import MatchDeclined
from tests.support.factories import EVALUATION_DAY, FIRST_DAY, NOW, Example
from tests.unit.notify.given import after, envelope, templates

EXAMPLE = Example()
TANDEM = (EXAMPLE.tandem, EXAMPLE.vacancy, EXAMPLE.organisation, EXAMPLE.expert)
COORDINATOR, EXPERT = coordinator(EXAMPLE.organisation), expert(EXAMPLE.expert)
(PARTNER,) = partners(EXAMPLE.vacancy, 1)
FORMER = Person(f"former/{UUID(int=1)}", "coordinator")
PROPOSED = (EXAMPLE.registered(), EXAMPLE.opened(), EXAMPLE.drawn(), EXAMPLE.proposed())
FORMED = (*PROPOSED, EXAMPLE.formed(), EXAMPLE.scheduled())
STARTED = (*FORMED, ExplorationStarted(*TANDEM, FIRST_DAY))
IN_MARCH, IN_JUNE = datetime(2027, 3, 1, 9, tzinfo=UTC), datetime(2027, 6, 1, 9, tzinfo=UTC)


def resent(history: tuple[Message, ...], prefix: str, person: Person, at: datetime = NOW, **fields: Any) -> list[SendEmail]:
    """Return the emails that follow when this person's contact data change after this history."""
    vacancy = EXAMPLE.vacancy if prefix == "tandem" else None
    change = ContactReplaced(entity_key(prefix, getattr(EXAMPLE, prefix)), person, vacancy=vacancy, **fields)
    scenario = after(*history)
    before = len(scenario.emails)
    emails = scenario.receive(envelope(change, at)).emails[before:]
    assert all(email.cause == envelope(change).id for email in emails)
    return emails


@pytest.mark.rule("R045")
def test_new_coordinator_gets_the_step_plan_as_it_is_now() -> None:
    (welcome,) = resent((EXAMPLE.registered(),), "organisation", COORDINATOR)

    assert (welcome.template, welcome.to, welcome.facts["missing_b"]) == ("welcome", COORDINATOR, ("RC-002",))


def test_person_with_a_next_step_gets_it_again_and_an_eligible_one_nothing() -> None:
    assert templates(resent((EXAMPLE.not_eligible(),), "expert", EXPERT)) == ["next_step"]
    assert resent((EXAMPLE.eligible(),), "expert", EXPERT) == []


@pytest.mark.parametrize(("person", "template"), [(EXPERT, "proposal_expert"), (COORDINATOR, "proposal_organisation")])
def test_waiting_proposal_is_sent_again_unchanged(person: Person, template: str) -> None:
    (again,) = resent(PROPOSED, "match", person)
    (first,) = [email for email in after(*PROPOSED).emails if email.template == template]

    assert (again.template, again.to, again.facts, again.expires_at) == (template, person, first.facts, first.expires_at)


def test_declined_proposal_is_not_sent_again() -> None:
    declined = MatchDeclined(EXAMPLE.match, EXAMPLE.vacancy, EXAMPLE.organisation, EXAMPLE.expert, "organisation", "none")

    assert resent((*PROPOSED, declined), "match", EXPERT) == []


@pytest.mark.parametrize("person", [COORDINATOR, EXPERT, PARTNER])
@pytest.mark.parametrize(
    ("history", "at", "expected"),
    [
        (FORMED, NOW, ["start"]),
        (STARTED, IN_MARCH, ["evaluation_invitation"]),
        ((*STARTED, EvaluationCompleted(*TANDEM, "expert", EVALUATION_DAY)), IN_MARCH, []),
    ],
)
def test_participant_gets_what_is_planned_with_its_calendar_entry(
    history: tuple[Message, ...], at: datetime, expected: list[str], person: Person
) -> None:
    emails = resent(history, "tandem", person, at)

    assert templates(emails) == expected and all(email.to == person for email in emails)


@pytest.mark.parametrize(("person", "expected"), [(COORDINATOR, ["evaluation_coordinator"]), (EXPERT, []), (PARTNER, [])])
def test_overdue_evaluation_is_open_for_the_coordinator(person: Person, expected: list[str]) -> None:
    assert templates(resent(STARTED, "tandem", person, IN_JUNE)) == expected


def test_who_left_gets_a_cancellation_of_the_latest_date() -> None:
    moved = EXAMPLE.scheduled(1, EVALUATION_DAY.replace(day=10))
    emails = resent((*STARTED, moved), "tandem", COORDINATOR, IN_MARCH, former=FORMER)

    assert [(email.template, email.to) for email in emails] == [
        ("evaluation_invitation", COORDINATOR),
        ("calendar_cancelled", FORMER),
    ]
    assert (emails[1].facts["sequence"], emails[1].facts["on"]) == (1, "2027-05-10")


def test_cancellation_is_not_sent_after_the_evaluation() -> None:
    assert "calendar_cancelled" not in templates(resent(STARTED, "tandem", COORDINATOR, IN_JUNE, former=FORMER))


def test_email_that_waits_for_the_person_already_is_not_queued_twice() -> None:
    assert resent(PROPOSED, "match", EXPERT, pending=("proposal_expert",)) == []


def test_new_link_goes_to_the_person_in_the_role() -> None:
    scenario = after(LinkRequested(entity_key("match", EXAMPLE.match), "voorstel", EXPERT))

    assert [(it.template, it.to, it.facts) for it in scenario.emails] == [("new_link", EXPERT, {"purpose": "voorstel"})]


@pytest.mark.parametrize("person", [COORDINATOR, EXPERT, PARTNER])
def test_advice_team_is_asked_once_for_each_person_and_address(person: Person) -> None:
    def undeliverable(tag: str, number: int) -> EmailUndeliverable:
        return EmailUndeliverable(UUID(int=number), "rejected", Unreachable(person, tag, EXAMPLE.organisation))

    asked = after(undeliverable("a", 1), undeliverable("a", 2), undeliverable("b", 3)).emails

    assert all(email.to == of_programme("advice_team") and email.template.startswith("unreachable") for email in asked)
    assert asked[0].id == asked[1].id != asked[2].id
    assert "@" not in str([msgspec.to_builtins(email.facts) for email in asked])
