"""The checker detects each seeded violation, and none in a valid history."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID

import pytest

from deploy.partner_client.record import RecordPosition
from deploy.simulator.partner_events import PartnerEvents
from shared.messages import intake, matching
from tests.fault_injection.checker import check
from tests.fault_injection.checker.messages import OUTPUTS, POOL
from tests.fault_injection.history.model import DeadLetter, History, PublishedMessage
from tests.support.intake_harness import IntakeHarness
from tests.unit.fault_injection.sample_history import (
    ABOUT,
    ORGANISATION,
    SUBMISSIONS,
    history,
    message,
    messages,
    record_id,
)

MATCH, TANDEM = str(UUID(int=21)), str(UUID(int=22))


def broken(published: Sequence[PublishedMessage] | None = None, **rows: Any) -> set[str]:
    """The invariants that do not hold in this variant of the valid history."""
    return invariants(history(published, **rows))


def invariants(variant: History) -> set[str]:
    return {violation.invariant for violation in check(variant)}


def at_offset(original: PublishedMessage, offset: int, **changes: Any) -> PublishedMessage:
    """A copy of a message at another offset of its topic."""
    return original._replace(position=RecordPosition(original.position.topic, 0, offset), **changes)


def swapped(published: list[PublishedMessage], one: int, other: int) -> list[PublishedMessage]:
    """The messages with the positions of two of them exchanged."""
    first, second = published[one], published[other]
    published[one], published[other] = second._replace(position=first.position), first._replace(position=second.position)
    return published


def test_valid_history_has_no_violation() -> None:
    assert check(history()) == []


def test_repeated_record_is_no_violation() -> None:
    published = messages()

    assert check(history([*published, at_offset(published[2], 99)])) == []


@pytest.mark.parametrize("index", range(len(messages())))
def test_lost_message_violates_i1(index: int) -> None:
    published = messages()
    del published[index]

    assert "I1" in broken(published)


@pytest.mark.parametrize("index", range(5, 9))
def test_second_receipt_violates_i2(index: int) -> None:
    published = messages()

    assert "I2" in broken([*published, at_offset(published[index], 50 + index, id=record_id(77))])


def test_duplicate_effect_violates_i2_and_i4() -> None:
    published = messages()

    assert {"I2", "I4"} <= broken([*published, at_offset(published[3], 50, id=record_id(78))])


def test_repeat_with_different_bytes_violates_i2() -> None:
    published = messages()

    assert "I2" in broken([*published, at_offset(published[2], 99, digest=b"other")])


@pytest.mark.parametrize(("one", "other"), [(0, 2), (2, 3), (3, 4), (2, 4), (5, 6), (7, 8)])
def test_swapped_messages_violate_i3(one: int, other: int) -> None:
    assert "I3" in broken(swapped(messages(), one, other))


def test_message_without_committed_cause_violates_i4() -> None:
    inbox = dict(history().rows.inbox) | {"intake": frozenset({record_id(0), record_id(1), record_id(2)})}

    assert "I4" in broken(inbox=inbox)


def test_message_that_a_consumer_did_not_process_violates_i1() -> None:
    inbox = dict(history().rows.inbox) | {"coaching": frozenset()}

    assert "I1" in broken(inbox=inbox)


def test_remaining_dead_letter_violates_only_i5() -> None:
    (first, *_) = [it for it in messages() if it.kind == intake.OrganisationRegistered.kind]
    inbox = dict(history().rows.inbox)

    assert broken(
        inbox=inbox | {"coaching": inbox["coaching"] - {first.id}},
        dead_letters=[DeadLetter("coaching", first.position, first.kind, "LookupError")],
    ) == {"I5"}


def test_accepted_answer_that_is_not_stored_violates_i2() -> None:
    assert broken(answers={ORGANISATION: {"RC-502": "yes"}}) == {"I2"}


def test_state_behind_the_published_messages_violates_i2() -> None:
    assert broken(missing_s={ABOUT: ("RC-502",)}) == {"I2"}
    assert broken(contacts={ABOUT: "another.person@mensen.example"}) == {"I2"}


def test_unexpected_outcome_violates_i2() -> None:
    valid = history()
    expected = {**valid.expected_outcomes, RecordPosition(SUBMISSIONS, 0, 3): "rejected"}

    assert invariants(replace(valid, expected_outcomes=expected)) == {"I2"}


def test_email_that_was_not_received_violates_i1() -> None:
    email = {"id": record_id(9), "cause": record_id(8), "template": "welcome", "status": "sent"}

    assert broken(emails=[email]) == {"I1"}


def test_received_email_that_does_not_exist_violates_i4() -> None:
    assert invariants(replace(history(), received_emails=[record_id(9)])) == {"I4"}


def test_unfinished_work_violates_i6() -> None:
    assert broken(unfinished=["intake outbox: tandem.intake/3"]) == {"I6"}


def test_expected_outputs_of_an_event_match_the_decider() -> None:
    harness = IntakeHarness()

    for event in islice(PartnerEvents(1, "demo", lambda: date(2026, 11, 23), 0).events(), 400):
        outputs = Counter(output.kind for output in harness.process(event.value))
        assert OUTPUTS[event.name].items() <= outputs.items()
        assert event.name != "expert-submitted" or sum(outputs[kind] for kind in POOL) == 1


@pytest.mark.parametrize(
    "rows", [{"proposals": {MATCH: False}}, {"proposals": {MATCH: True}}, {"evaluation_sequences": {TANDEM: 0}}]
)
def test_stored_decision_that_was_not_published_violates_i1(rows: dict[str, Any]) -> None:
    assert broken(**rows) == {"I1"}


def test_published_proposal_without_its_tandem_violates_i1() -> None:
    proposed = message(matching.MatchProposed, 0, record_id(1), RecordPosition("tandem.matching", 0, 0), match=MATCH)
    variant = history([*messages(), proposed], proposals={MATCH: True})

    assert f"matching decided on match/{MATCH} but did not publish it" in {it.description for it in check(variant)}
