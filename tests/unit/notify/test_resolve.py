"""Due emails that are skipped: out of date, or a duplicate for the same reader. Partner names are shown once all are known."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.notify.contacts import Contact, ContactDirectory
from services.notify.domain.people import Person, coordinator, expert, partners
from services.notify.emails.queue import PendingEmail
from services.notify.emails.resolve import EvaluationStatus, SameCauseEmail, duplicate_recipients, skip_reason
from tests.support.factories import NOW, Example
from tests.unit.notify.sample_emails import POLICY

EXAMPLE = Example()
PEOPLE = (coordinator(EXAMPLE.organisation), expert(EXAMPLE.expert), *partners(EXAMPLE.vacancy, 2))


def email_to(person: Person = PEOPLE[0], **fields: Any) -> PendingEmail:
    email = PendingEmail(
        id=UUID(int=PEOPLE.index(person) + 1),
        cause=EXAMPLE.match,
        correlation=EXAMPLE.match,
        traceparent=None,
        template="start",
        to=person,
        about="",
        facts={"sequence": 1},
        requested_at=NOW,
        expires_at=None,
    )
    return email._replace(**fields)


def queued(*emails: PendingEmail) -> list[SameCauseEmail]:
    """Return these emails as rows of the query for emails with the same cause."""
    return [SameCauseEmail(it.id, it.cause, it.template, it.to, it.attempts > 0) for it in emails]


def directory(*emails: str, names: Sequence[str] = ("Naam",) * 4) -> ContactDirectory:
    known = ContactDirectory(POLICY)
    for person, email, name in zip(PEOPLE, emails, names, strict=False):
        known.contacts[person] = Contact(name, email, None, "nl-BE", "Europe/Brussels")
    return known


@pytest.mark.parametrize(("seconds", "reason"), [(-1, "expired"), (0, "expired"), (1, None)])
def test_email_is_skipped_from_its_expiry_on(seconds: int, reason: str | None) -> None:
    assert skip_reason(email_to(expires_at=NOW + timedelta(seconds=seconds)), None, NOW) == reason


@pytest.mark.rule("R132")
@pytest.mark.parametrize(
    ("sequence", "held", "reason"), [(1, False, None), (0, False, None), (2, False, "rescheduled"), (1, True, "already_held")]
)
def test_reminder_is_skipped_after_the_evaluation_moved_or_was_held(sequence: int, held: bool, reason: str | None) -> None:
    evaluation = EvaluationStatus(sequence, held)

    assert skip_reason(email_to(template="evaluation_coordinator"), evaluation, datetime(2027, 5, 9, tzinfo=UTC)) == reason
    assert skip_reason(email_to(template="exploration"), evaluation, NOW) is None


def test_person_in_two_roles_gets_one_email_for_the_first_role() -> None:
    emails = [email_to(person) for person in PEOPLE]

    assert duplicate_recipients(emails, queued(*emails), directory("a@x.y", "b@x.y", "A@x.y ", "c@x.y")) == {emails[2].id}
    assert duplicate_recipients(emails, queued(*emails), directory("a@x.y", "b@x.y", "c@x.y", "c@x.y")) == {emails[3].id}


def test_people_who_share_a_mailbox_each_get_their_own_email() -> None:
    emails = [email_to(person) for person in PEOPLE]
    shared = directory(*["info@x.y"] * 4, names=("Naam Een", "Naam Twee", "naam een", "Naam Drie"))

    assert duplicate_recipients(emails, queued(*emails), shared) == {emails[2].id}


def test_email_sent_in_another_role_is_not_sent_again() -> None:
    first, attempted = email_to(PEOPLE[0]), email_to(PEOPLE[2], attempts=1)

    assert duplicate_recipients([first], queued(first, attempted), directory("a@x.y", "b@x.y", "a@x.y")) == {first.id}


def test_other_cause_template_or_person_is_no_duplicate() -> None:
    first = email_to(PEOPLE[0])
    others = [email_to(PEOPLE[1], template="ended"), email_to(PEOPLE[2], cause=EXAMPLE.vacancy), email_to(PEOPLE[3])]

    assert duplicate_recipients(others, queued(first, *others), directory("a@x.y", "a@x.y", "a@x.y", "b@x.y")) == set()
    assert duplicate_recipients(others, queued(first, *others), directory()) == set()


def test_attempted_email_is_not_a_duplicate() -> None:
    attempted = email_to(PEOPLE[2], attempts=1)

    assert duplicate_recipients([attempted], queued(email_to(PEOPLE[0]), attempted), directory("a@x.y", "b@x.y", "a@x.y")) == set()


def test_partners_are_named_once_all_are_known() -> None:
    organisation, expert_key, vacancy = (person.subject for person in PEOPLE[:3])

    def partner_names(known: ContactDirectory, count: int) -> Any:
        return known.display_names(organisation, vacancy, expert_key, count).get("partner_names")

    one_known = directory("a@x.y", "b@x.y", "c@x.y")
    assert partner_names(one_known, 2) is None
    assert partner_names(one_known, 1) == ["Naam"]
    assert partner_names(directory("a@x.y", "b@x.y"), 0) == []
