"""The auditor finds what was planted, and nothing in what is sound."""

from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.partner_client.topic_tail import RecordPosition
from deploy.simulator.partner_events import PartnerEvents
from shared.messages import intake, matching
from tests.fault_injection.checker import check
from tests.fault_injection.checker.messages import LED_TO, POOL
from tests.fault_injection.faults.processes import mixed
from tests.fault_injection.history.model import Parked, Said
from tests.fault_injection.launcher.__main__ import POINTS
from tests.support.intake_harness import IntakeHarness
from tests.unit.fault_injection.sample_history import ABOUT, INTAKE, ORGANISATION, SUBMISSIONS, evidence, history, record, said


def broken(*arguments: object, **rows: object) -> set[str]:
    return {violation.invariant for violation in check(evidence(*arguments, **rows))}  # type: ignore[arg-type]


def swapped(told: list[Said], one: int, other: int) -> list[Said]:
    """The messages change places on the bus."""
    first, second = told[one], told[other]
    told[one], told[other] = second._replace(place=first.place), first._replace(place=second.place)
    return told


def test_a_sound_history_has_nothing_wrong() -> None:
    assert check(evidence()) == []


def test_a_repeat_on_the_bus_is_no_fault() -> None:
    told = history()
    again = told[2]._replace(place=RecordPosition(told[2].place.topic, 0, 99))

    assert check(evidence([*told, again])) == []


@pytest.mark.parametrize("nth", range(len(history())))
def test_one_message_that_is_dropped_is_missed(nth: int) -> None:
    told = history()
    del told[nth]

    assert "I1" in broken(told)


@pytest.mark.parametrize("nth", range(5, 9))
def test_a_receipt_that_is_doubled_is_seen(nth: int) -> None:
    told = history()
    other = told[nth]._replace(id=record(77), place=RecordPosition(told[nth].place.topic, 0, 50 + nth))

    assert "I2" in broken([*told, other])


def test_an_effect_that_comes_twice_is_seen() -> None:
    told = history()
    twice = told[3]._replace(id=record(78), place=RecordPosition(INTAKE, 0, 50))

    assert {"I2", "I4"} <= broken([*told, twice])


def test_a_repeat_with_other_bytes_is_seen() -> None:
    told = history()
    other = told[2]._replace(place=RecordPosition(INTAKE, 0, 99), digest=b"other")

    assert "I2" in broken([*told, other])


@pytest.mark.parametrize(("one", "other"), [(0, 2), (2, 3), (3, 4), (2, 4), (5, 6), (7, 8)])
def test_two_that_are_swapped_are_seen(one: int, other: int) -> None:
    assert "I3" in broken(swapped(history(), one, other))


def test_what_is_said_of_something_that_was_never_committed_is_seen() -> None:
    inbox = dict(evidence().rows.inbox) | {"intake": frozenset({record(0), record(1), record(2)})}

    assert "I4" in broken(inbox=inbox)


def test_a_message_that_never_reached_a_consumer_is_seen() -> None:
    inbox = dict(evidence().rows.inbox) | {"coaching": frozenset()}

    assert "I1" in broken(inbox=inbox)


def test_what_is_parked_is_not_missing_but_is_told() -> None:
    (first, *_) = [it for it in history() if it.kind == intake.OrganisationRegistered.kind]
    inbox = dict(evidence().rows.inbox)
    seen = evidence(
        inbox=inbox | {"coaching": inbox["coaching"] - {first.id}},
        parked=[Parked("coaching", first.place, first.kind, "LookupError")],
    )

    assert {violation.invariant for violation in check(seen)} == {"I5"}


def test_an_accepted_answer_that_is_not_kept_is_seen() -> None:
    assert broken(answers={ORGANISATION: {"RC-502": "yes"}}) == {"I2"}


def test_a_state_that_is_behind_what_was_said_is_seen() -> None:
    assert broken(missing_s={ABOUT: ("RC-502",)}) == {"I2"}
    assert broken(contacts={ABOUT: "somebody.else@mensen.example"}) == {"I2"}


def test_another_outcome_than_foretold_is_seen() -> None:
    seen = evidence()
    other = replace(seen, submitted={**seen.submitted, RecordPosition(SUBMISSIONS, 0, 3): "rejected"})

    assert {violation.invariant for violation in check(other)} == {"I2"}


def test_a_mail_that_nobody_asked_for_and_one_that_never_came_are_seen() -> None:
    letter = {"id": record(9), "cause": record(8), "template": "welcome", "status": "sent"}

    assert broken(emails=[letter]) == {"I1"}
    assert {violation.invariant for violation in check(replace(evidence(), mails=[record(9)]))} == {"I4"}


def test_what_is_stuck_is_told() -> None:
    assert broken(stuck=["intake outbox: tandem.intake/3"]) == {"I6"}


def test_what_the_auditor_expects_of_an_event_is_what_the_rules_say() -> None:
    books = IntakeHarness()

    for event in islice(PartnerEvents(1, "demo", lambda: date(2026, 11, 23), 0).events(), 400):
        said = Counter(message.kind for message in books.process(event.value))
        assert LED_TO[event.name].items() <= said.items()
        assert event.name != "expert-submitted" or sum(said[kind] for kind in POOL) == 1


MATCH, TANDEM = str(UUID(int=21)), str(UUID(int=22))


@pytest.mark.parametrize("rows", [{"proposals": {MATCH: False}}, {"proposals": {MATCH: True}}, {"planned": {TANDEM: 0}}])
def test_what_a_service_decided_and_the_bus_does_not_tell_is_missed(rows: dict[str, Any]) -> None:
    assert {violation.invariant for violation in check(evidence(**rows))} == {"I1"}


def test_a_proposal_that_the_bus_tells_and_a_tandem_that_it_does_not_is_missed() -> None:
    whole = evidence()
    told = said(matching.MatchProposed, 0, record(1), RecordPosition("tandem.matching", 0, 0), match=MATCH)
    seen = replace(whole, said=[*whole.said, told], rows=replace(whole.rows, proposals={MATCH: True}))

    assert f"matching decided match/{MATCH}, and the bus does not tell of it" in {violation.what for violation in check(seen)}


@given(st.integers(0, 10**6))
def test_the_three_rounds_of_quick_play_every_crash_point(seed: int) -> None:
    assert {point for round in range(3) for point in mixed(round)(seed).values()} == set(POINTS)
