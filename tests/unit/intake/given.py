"""Organisations in the states that tests of readiness and vacancies start from."""

from collections.abc import Iterable
from itertools import count
from typing import Any

from shared.messages.envelope import Message
from shared.programme.readiness_catalogue import readiness_items
from tests.support.intake_harness import IntakeHarness, event

numbers = count()


def registered(**data: Any) -> IntakeHarness:
    """Intake with one organisation, `org-1`."""
    intake = IntakeHarness()
    assert intake.receipt(event("organisation-submitted", **data)).outcome == "accepted"
    return intake


def report(intake: IntakeHarness, items: Iterable[str], answer: str = "yes", **data: Any) -> list[Message]:
    """Process a report that gives these items one answer."""
    answers = [{"item": item, "answer": answer} for item in items]
    return intake.process(event("readiness-reported", id=f"report-{next(numbers)}", answers=answers, **data))


def items(scope: str, gate: str) -> list[str]:
    """The codes of the items of one scope and gate."""
    return [item.code for item in readiness_items().values() if item.scope == scope and item.gate == gate]


def ready(**data: Any) -> IntakeHarness:
    """Intake with one organisation that meets gate B, in a sector without step 1."""
    intake = registered(**data)
    report(intake, [item for item in items("organisation", "B") if not item.startswith("RC-1")])
    return intake
