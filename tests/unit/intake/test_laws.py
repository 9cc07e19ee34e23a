"""Laws of intake that hold for every history of records."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.domain.gates import missing_items
from services.intake.domain.organisation import Organisation
from shared.messages.intake import ReadinessCompleted, Receipt, VacancyOpened
from shared.programme.readiness_catalogue import readiness_items
from tests.support.intake_harness import IntakeHarness, event

ITEMS = [code for code, item in readiness_items().items() if item.gate == "B" and item.scope == "organisation"]
ids = st.integers(0, 25).map(str)
organisations = st.sampled_from(["org-1", "org-1", "org-1", "org-2"])
open_items_left = st.sets(st.sampled_from(ITEMS), max_size=2)
KINDS = ["organisation", "readiness", "readiness", "vacancy", "vacancy", "broken"]


@st.composite
def records(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A partner and an event: an organisation, answers to nearly all items, a vacancy or an invalid event. Ids repeat."""
    partner, org, id = draw(st.sampled_from(["demo", "demo", "demo", "other"])), draw(organisations), draw(ids)
    match draw(st.sampled_from(KINDS)):
        case "organisation":
            sector = draw(st.sampled_from(["welfare", "education"]))
            return partner, event("organisation-submitted", id, partner, organisation=org, sector=sector)
        case "readiness":
            left = draw(open_items_left)
            given = [{"item": item, "answer": "no" if item in left else "yes"} for item in ITEMS]
            return partner, event("readiness-reported", id, partner, organisation=org, answers=given)
        case "vacancy":
            return partner, event("vacancy-submitted", id, partner, organisation=org, vacancy="v")
    return partner, event("expert-submitted", id, partner, without=["name"])


@settings(max_examples=100, deadline=None)
@given(st.lists(records(), max_size=20))
def test_every_record_gets_one_receipt_and_only_an_accepted_one_changes_a_state(history: list[tuple[str, dict[str, Any]]]) -> None:
    intake = IntakeHarness()
    for partner, made in history:
        before = dict(intake.states)
        outputs = intake.process(made, partner=partner)

        (receipt,) = [m for m in outputs if isinstance(m, Receipt)]
        assert receipt.outcome == "accepted" or (intake.states == before and outputs == [receipt])


@settings(max_examples=100, deadline=None)
@given(st.lists(records(), max_size=20))
def test_vacancy_opens_once_and_after_gate_b_and_a_gate_is_completed_only_when_met(
    history: list[tuple[str, dict[str, Any]]],
) -> None:
    intake, opened = IntakeHarness(), set()
    for partner, made in history:
        for message in intake.process(made, partner=partner):
            match message:
                case VacancyOpened():
                    assert open_items(intake, message.organisation)[0] == ()
                    assert message.vacancy not in opened
                    opened.add(message.vacancy)
                case ReadinessCompleted(vacancy=None, gate="B"):
                    assert open_items(intake, message.organisation)[0] == ()


def open_items(intake: IntakeHarness, organisation: object) -> tuple[tuple[str, ...], ...]:
    state = intake.states[f"organisation/{organisation}"]
    assert isinstance(state, Organisation)
    return missing_items(state)
