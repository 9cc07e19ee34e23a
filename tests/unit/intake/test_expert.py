"""A person with experience, and the three criteria."""

from typing import Any

import pytest

from services.intake.contract import schema
from services.intake.ids import tandem_id
from shared.messages.intake import ContactChanged, ExpertNotYetEligible, ExpertRegistered
from tests.support.intake_harness import IntakeHarness, event, of_kind
from tests.unit.intake.ready import registered

EXPERT = tandem_id("demo", "expert", "expert-1")
DONE = {"code": "de-link-4-year", "finished_on": "2024-06-28"}


def criteria(own: bool = True, behind: bool = True, training: Any = DONE) -> dict[str, Any]:
    return {"own_experience": own, "behind_the_person": behind, "training": training}


@pytest.mark.rule("R001")
@pytest.mark.rule("R056")
def test_a_person_who_meets_all_three_is_registered_as_an_expert() -> None:
    said = IntakeHarness().process(event("expert-submitted"))

    (expert,) = of_kind(said, ExpertRegistered)
    assert (expert.expert, expert.hours_min, expert.hours_max, expert.zone) == (EXPERT, 16, 24, "Europe/Brussels")


@pytest.mark.rule("R055")
@pytest.mark.rule("R057")
@pytest.mark.parametrize(
    "training",
    [None, {"code": "another", "finished_on": "2024-06-28"}, {"code": "de-link-4-year", "finished_on": "2026-11-24"}],
    ids=["none", "not on the list", "not finished yet"],
)
def test_without_a_finished_training_that_counts_the_next_step_is_a_training(training: Any) -> None:
    said = IntakeHarness().process(event("expert-submitted", criteria=criteria(training=training)))

    (person,) = of_kind(said, ExpertNotYetEligible)
    assert (person.missing, person.next_step) == (("training",), "training")
    assert of_kind(said, ExpertRegistered) == []


@pytest.mark.rule("R053")
@pytest.mark.rule("R054")
@pytest.mark.parametrize(("own", "behind", "missing"), [(False, True, "own_experience"), (True, False, "behind_the_person")])
def test_where_the_experience_itself_is_in_doubt_people_talk(own: bool, behind: bool, missing: str) -> None:
    said = IntakeHarness().process(event("expert-submitted", criteria=criteria(own, behind)))

    (person,) = of_kind(said, ExpertNotYetEligible)
    assert (person.missing, person.next_step) == ((missing,), "talk")


@pytest.mark.rule("R056")
def test_the_partner_reads_in_the_receipt_what_is_missing() -> None:
    receipt = IntakeHarness().receipt(event("expert-submitted", criteria=criteria(training=None)))

    assert receipt.outcome == "accepted"
    assert [advice.pointer for advice in receipt.advice] == ["/data/criteria/training"]


@pytest.mark.rule("R057")
def test_with_the_training_done_the_same_person_becomes_an_expert() -> None:
    intake = IntakeHarness()
    intake.process(event("expert-submitted", criteria=criteria(training=None)))

    said = intake.process(event("expert-submitted", id="event-2"))

    assert [expert.expert for expert in of_kind(said, ExpertRegistered)] == [EXPERT]


@pytest.mark.rule("R005")
@pytest.mark.rule("R033")
@pytest.mark.rule("R041")
def test_strengths_have_fields_and_stories_diplomas_and_health_have_none() -> None:
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
def test_a_coordinator_may_be_an_expert_as_well() -> None:
    said = registered().process(event("expert-submitted", id="both", email="coordinator@voorbeeldhuis.example"))

    assert of_kind(said, ExpertRegistered)
    assert of_kind(said, ContactChanged)[0].role == "expert"


def test_the_persons_name_travels_on_the_private_topic_alone() -> None:
    said = IntakeHarness().process(event("expert-submitted"))

    assert "Deskundige" not in repr([m for m in said if m.topic != "tandem.private"])
    assert of_kind(said, ContactChanged)[0].name == "Deskundige Eén"


def test_a_date_years_ahead_is_refused_and_one_that_has_gone_by_is_not() -> None:
    year_typed_wrong = IntakeHarness().receipt(event("expert-submitted", available_from="2072-01-11"))
    for_years = IntakeHarness().receipt(event("expert-submitted", available_from="2020-01-11"))

    assert year_typed_wrong.problem
    assert [fault.pointer for fault in year_typed_wrong.problem.errors] == ["/data/available_from"]
    assert for_years.outcome == "accepted"
