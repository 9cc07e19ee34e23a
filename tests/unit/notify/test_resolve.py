"""Which letters are not sent though they are due: their moment is past, or their reader gets the same one already."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.notify.contacts import Contact, ContactDirectory
from services.notify.domain.people import Person, coordinator, expert, partners
from services.notify.emails.resolve import duplicate_recipients, skip_reason
from tests.support.factories import NOW, Cast
from tests.unit.notify.sample_emails import POLICY

C = Cast()
PEOPLE = (coordinator(C.organisation), expert(C.expert), *partners(C.vacancy, 2))


def letter(person: Person = PEOPLE[0], **other: Any) -> dict[str, Any]:
    id = UUID(int=PEOPLE.index(person) + 1)
    row: dict[str, Any] = {
        "id": id,
        "cause": C.match,
        "template": "start",
        "send_attempts": 0,
        "expires_at": None,
        "facts": {"sequence": 1},
        "attempted": False,
    }
    return {**row, "subject": person.subject, "role": person.role, "recipient_index": person.nth, **other}


def reached(*emails: str) -> ContactDirectory:
    names = ContactDirectory(POLICY)
    for person, email in zip(PEOPLE, emails, strict=False):
        names.contacts[person] = Contact("Naam", email, None, "nl-BE", "Europe/Brussels")
    return names


@pytest.mark.parametrize(("seconds", "why"), [(-1, "expired"), (0, "expired"), (1, None)])
def test_a_letter_is_not_sent_from_its_last_moment_on(seconds: int, why: str | None) -> None:
    assert skip_reason(letter(expires_at=NOW + timedelta(seconds=seconds)), None, NOW) == why


@pytest.mark.rule("R132")
@pytest.mark.parametrize(
    ("sequence", "held", "why"), [(1, False, None), (0, False, None), (2, False, "rescheduled"), (1, True, "already_held")]
)
def test_a_reminder_of_a_talk_that_moved_or_was_held_is_not_sent(sequence: int, held: bool, why: str | None) -> None:
    talk = {"sequence": sequence, "held": held}

    assert skip_reason(letter(template="evaluation_coordinator"), talk, datetime(2027, 5, 9, tzinfo=UTC)) == why
    assert skip_reason(letter(template="exploration"), talk, NOW) is None


def test_one_human_in_two_roles_gets_one_letter_that_of_the_first_role() -> None:
    all_ = [letter(person) for person in PEOPLE]

    assert duplicate_recipients(all_, all_, reached("a@x.example", "b@x.example", "A@x.example ", "c@x.example")) == {all_[2]["id"]}
    assert duplicate_recipients(all_, all_, reached("a@x.example", "b@x.example", "c@x.example", "c@x.example")) == {all_[3]["id"]}


def test_who_had_it_in_another_role_does_not_get_it_again() -> None:
    first, gone = letter(PEOPLE[0]), letter(PEOPLE[2], attempted=True)

    assert duplicate_recipients([first], [first, gone], reached("a@x.example", "b@x.example", "a@x.example")) == {first["id"]}


def test_another_letter_or_another_person_is_no_double() -> None:
    first = letter(PEOPLE[0])
    others = [letter(PEOPLE[1], template="ended"), letter(PEOPLE[2], cause=C.vacancy), letter(PEOPLE[3])]

    assert (
        duplicate_recipients(others, [first, *others], reached("a@x.example", "a@x.example", "a@x.example", "b@x.example")) == set()
    )
    assert duplicate_recipients(others, [first, *others], reached()) == set()


def test_a_letter_that_is_half_sent_is_sent_on() -> None:
    begun = letter(PEOPLE[2], send_attempts=1, attempted=True)

    assert duplicate_recipients([begun], [letter(PEOPLE[0]), begun], reached("a@x.example", "b@x.example", "a@x.example")) == set()


def test_the_partners_are_named_when_all_of_them_are_known() -> None:
    keys = tuple(person.subject for person in PEOPLE[:1]), PEOPLE[2].subject, PEOPLE[1].subject
    (organisation,), place, somebody = keys

    assert "partner_names" not in reached("a@x.example", "b@x.example", "c@x.example").display_names(
        organisation, place, somebody, 2
    )
    assert reached("a@x.example", "b@x.example", "c@x.example").display_names(organisation, place, somebody, 1)[
        "partner_names"
    ] == ["Naam"]
    assert reached("a@x.example", "b@x.example").display_names(organisation, place, somebody, 0)["partner_names"] == []
