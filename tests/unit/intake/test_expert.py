"""Submitted experts: the three criteria, and the next step of a person who lacks one."""

from typing import Any

import pytest

from services.intake.contract import schema
from services.intake.ids import tandem_id
from shared.messages.intake import ContactChanged, ExpertNotYetEligible, ExpertRegistered
from tests.support.intake_harness import IntakeHarness, event, of_kind
from tests.unit.intake.given import registered

EXPERT = tandem_id("demo", "expert", "expert-1")
DONE = {"code": "de-link-4-year", "finished_on": "2024-06-28"}


def criteria(own: bool = True, behind: bool = True, training: Any = DONE) -> dict[str, Any]:
    return {"own_experience": own, "behind_the_person": behind, "training": training}


@pytest.mark.rule("R001")
@pytest.mark.rule("R056")
def test_person_who_meets_all_criteria_is_registered_as_an_expert() -> None:
    outputs = IntakeHarness().process(event("expert-submitted"))

    (expert,) = of_kind(outputs, ExpertRegistered)
    assert (expert.expert, expert.hours_min, expert.hours_max, expert.zone) == (EXPERT, 16, 24, "Europe/Brussels")


@pytest.mark.rule("R055")
@pytest.mark.rule("R057")
@pytest.mark.parametrize(
    "training",
    [None, {"code": "another", "finished_on": "2024-06-28"}, {"code": "de-link-4-year", "finished_on": "2026-11-24"}],
    ids=["none", "not on the list", "not finished yet"],
)
def test_without_a_finished_listed_training_the_next_step_is_a_training(training: Any) -> None:
    outputs = IntakeHarness().process(event("expert-submitted", criteria=criteria(training=training)))

    (person,) = of_kind(outputs, ExpertNotYetEligible)
    assert (person.missing, person.next_step) == (("training",), "training")
    assert of_kind(outputs, ExpertRegistered) == []


@pytest.mark.rule("R053")
@pytest.mark.rule("R054")
@pytest.mark.parametrize(("own", "behind", "missing"), [(False, True, "own_experience"), (True, False, "behind_the_person")])
def test_doubt_about_the_experience_itself_makes_a_talk_the_next_step(own: bool, behind: bool, missing: str) -> None:
    outputs = IntakeHarness().process(event("expert-submitted", criteria=criteria(own, behind)))

    (person,) = of_kind(outputs, ExpertNotYetEligible)
    assert (person.missing, person.next_step) == ((missing,), "talk")


@pytest.mark.rule("R056")
def test_receipt_advises_on_each_missing_criterion() -> None:
    receipt = IntakeHarness().receipt(event("expert-submitted", criteria=criteria(training=None)))

    assert receipt.outcome == "accepted"
    assert [advice.pointer for advice in receipt.advice] == ["/data/criteria/training"]


@pytest.mark.rule("R057")
def test_person_becomes_an_expert_once_the_training_is_finished() -> None:
    intake = IntakeHarness()
    intake.process(event("expert-submitted", criteria=criteria(training=None)))

    outputs = intake.process(event("expert-submitted", id="event-2"))

    assert [expert.expert for expert in of_kind(outputs, ExpertRegistered)] == [EXPERT]


@pytest.mark.rule("R005")
@pytest.mark.rule("R033")
@pytest.mark.rule("R041")
def test_contract_has_fields_for_strengths_and_none_for_stories_diplomas_or_health() -> None:
    fields = schema("expert-submitted")["properties"]["data"]["properties"].keys()

    assert {"qualities", "interests", "competences"} <= fields
    assert not fields & {
        "diploma",
        "education",
        "age",
        "birth_date",
        "sex",
        "origin",
        "family",
        "health",
        "debts",
        "story",
        "notes",
    }
    assert "knows_services_map" in str(schema("expert-submitted"))


@pytest.mark.rule("R052")
def test_coordinator_may_also_be_an_expert() -> None:
    outputs = registered().process(event("expert-submitted", id="both", email="coordinator@voorbeeldhuis.example"))

    assert of_kind(outputs, ExpertRegistered)
    assert of_kind(outputs, ContactChanged)[0].role == "expert"


def test_name_of_the_person_is_published_on_the_private_topic_only() -> None:
    outputs = IntakeHarness().process(event("expert-submitted"))

    assert "Deskundige" not in repr([m for m in outputs if m.topic != "tandem.private"])
    assert of_kind(outputs, ContactChanged)[0].name == "Deskundige Eén"


def test_date_years_ahead_is_rejected_and_a_past_date_is_not() -> None:
    years_ahead = IntakeHarness().receipt(event("expert-submitted", available_from="2072-01-11"))
    in_the_past = IntakeHarness().receipt(event("expert-submitted", available_from="2020-01-11"))

    assert years_ahead.problem
    assert [error.pointer for error in years_ahead.problem.errors] == ["/data/available_from"]
    assert in_the_past.outcome == "accepted"
