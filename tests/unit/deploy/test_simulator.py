"""Simulated events follow the contract, and each gets the receipt that it predicts."""

from collections import Counter
from datetime import date
from itertools import islice
from random import Random

from deploy.simulator import corruption
from deploy.simulator.partner_events import PartnerEvents
from deploy.simulator.simulated_event import SimulatedEvent
from tests.support.intake_harness import IntakeHarness

TODAY = date(2026, 11, 23)


def simulated(seed: int, count: int = 600, bad: float = 0.3) -> list[SimulatedEvent]:
    return list(islice(PartnerEvents(seed, "demo", lambda: TODAY, bad).events(), count))


def test_every_receipt_has_the_predicted_outcome() -> None:
    intake = IntakeHarness()

    outcomes = [intake.receipt(event.value, headers=event.headers).outcome for event in simulated(1, 1500)]

    assert outcomes == [event.expected for event in simulated(1, 1500)]


def test_every_kind_and_every_outcome_occurs() -> None:
    events = simulated(2)

    kinds = Counter(event.name for event in events if event.expected == "accepted")
    assert set(kinds) == {"organisation-submitted", "readiness-reported", "expert-submitted", "vacancy-submitted"}
    assert {event.expected for event in events} == {"accepted", "duplicate", "conflict", "rejected"}


def test_same_seed_gives_the_same_events_and_another_seed_others() -> None:
    assert simulated(3) == simulated(3) != simulated(4)


def test_mutated_value_usually_differs() -> None:
    random = Random(1)
    value = simulated(5, 1)[0].value or b""

    assert sum(corruption.mutate(random, value) != value for _ in range(100)) > 90
