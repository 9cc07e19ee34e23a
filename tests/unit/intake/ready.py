"""An organisation on its way: what tests of readiness and of vacancies begin with."""

from collections.abc import Iterable
from itertools import count
from typing import Any

from shared.messages.envelope import Message
from shared.programme.readiness_catalogue import readiness_items
from tests.support.intake_harness import IntakeHarness, event

numbers = count()


def registered(**data: Any) -> IntakeHarness:
    """Books with one organisation, `org-1`."""
    intake = IntakeHarness()
    assert intake.receipt(event("organisation-submitted", **data)).outcome == "accepted"
    return intake


def report(intake: IntakeHarness, items: Iterable[str], answer: str = "yes", **data: Any) -> list[Message]:
    """The organisation gives these items one answer."""
    answers = [{"item": item, "answer": answer} for item in items]
    return intake.process(event("readiness-reported", id=f"report-{next(numbers)}", answers=answers, **data))


def items(scope: str, gate: str) -> list[str]:
    """The codes of one scope and gate."""
    return [item.code for item in readiness_items().values() if item.scope == scope and item.gate == gate]


def ready(**data: Any) -> IntakeHarness:
    """Books with one organisation, of a sector without step 1, whose gate B is met."""
    intake = registered(**data)
    report(intake, [item for item in items("organisation", "B") if not item.startswith("RC-1")])
    return intake
