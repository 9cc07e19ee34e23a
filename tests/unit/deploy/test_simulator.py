"""What the simulated partner says is what the contract lets it say, and its receipts are those that it foretells."""

from collections import Counter
from datetime import date
from itertools import islice
from random import Random

from deploy.simulator import corruption
from deploy.simulator.event import Event
from deploy.simulator.partner_events import PartnerEvents
from tests.support.intake_harness import IntakeHarness

TODAY = date(2026, 11, 23)


def some(seed: int, count: int = 600, bad: float = 0.3) -> list[Event]:
    return list(islice(PartnerEvents(seed, "demo", lambda: TODAY, bad).events(), count))


def test_every_receipt_is_the_one_that_was_foretold() -> None:
    books = IntakeHarness()

    outcomes = [books.receipt(event.value, headers=event.headers).outcome for event in some(1, 1500)]

    assert outcomes == [event.expected for event in some(1, 1500)]


def test_every_kind_of_the_contract_and_every_outcome_comes_soon() -> None:
    events = some(2)

    kinds = Counter(event.kind for event in events if event.expected == "accepted")
    assert set(kinds) == {"organisation-submitted", "readiness-reported", "expert-submitted", "vacancy-submitted"}
    assert {event.expected for event in events} == {"accepted", "duplicate", "conflict", "rejected"}


def test_the_same_seed_says_the_same_and_another_says_something_else() -> None:
    assert some(3) == some(3) != some(4)


def test_a_mutated_value_is_another_value_most_of_the_time() -> None:
    random = Random(1)
    value = some(5, 1)[0].value or b""

    assert sum(corruption.mutated(random, value) != value for _ in range(100)) > 90
