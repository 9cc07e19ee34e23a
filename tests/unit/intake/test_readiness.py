"""Reported answers to the readiness catalogue, and the gates they meet."""

import pytest

from services.intake.ids import tandem_id
from shared.messages.intake import ReadinessCompleted, ReadinessProgressed, Receipt, TextFiled
from tests.support.intake_harness import IntakeHarness, event, of_kind
from tests.unit.intake.given import items, ready, registered, report

ORG = tandem_id("demo", "organisation", "org-1")
VACANCY = tandem_id("demo", "vacancy", "vacancy-1")


def rejected(receipt: object) -> tuple[str, bool]:
    assert isinstance(receipt, Receipt)
    assert receipt.problem
    return receipt.problem.type.rpartition(":")[2], receipt.problem.retryable


@pytest.mark.rule("R069")
@pytest.mark.rule("R070")
@pytest.mark.rule("R071")
def test_receipt_and_published_message_list_the_missing_items_of_each_gate() -> None:
    outputs = report(registered(), ["RC-002", "RC-003"])

    receipt, progressed = outputs
    assert isinstance(receipt, Receipt)
    assert isinstance(progressed, ReadinessProgressed)
    assert receipt.missing_b == progressed.missing_b == ("RC-006", "RC-201")
    assert receipt.missing_s == progressed.missing_s == tuple(items("organisation", "S"))


@pytest.mark.rule("R093")
def test_last_item_of_gate_b_completes_it() -> None:
    intake = registered()
    report(intake, ["RC-002", "RC-003", "RC-006"])

    outputs = report(intake, ["RC-201"])

    assert of_kind(outputs, ReadinessCompleted) == [ReadinessCompleted(ORG, None, "B")]


def test_gate_that_is_met_is_not_completed_again() -> None:
    assert of_kind(report(ready(), ["RC-205"]), ReadinessCompleted) == []


def test_revoked_item_reopens_the_gate() -> None:
    outputs = report(ready(), ["RC-003"], answer="no")

    assert of_kind(outputs, ReadinessProgressed)[0].missing_b == ("RC-003",)
    assert of_kind(outputs, ReadinessCompleted) == []


@pytest.mark.rule("R094")
@pytest.mark.rule("R095")
def test_gate_s_requires_all_items_of_gate_b() -> None:
    intake = registered()
    report(intake, items("organisation", "S"))

    outputs = report(intake, items("organisation", "B"))

    assert [c.gate for c in of_kind(outputs, ReadinessCompleted)] == ["B", "S"]


def test_item_in_progress_is_still_missing() -> None:
    intake = registered()

    assert of_kind(report(intake, ["RC-002"], answer="in_progress"), ReadinessProgressed)[0].missing_b[0] == "RC-002"


@pytest.mark.rule("R085")
def test_support_for_expert_and_team_is_required_before_the_first_day() -> None:
    open_before = set(registered().receipt(event("organisation-submitted", id="event-2")).missing_s or ())

    assert {"RC-701", "RC-704", "RC-706"} <= open_before
    assert {"RC-405", "RC-406"} <= set(items("vacancy", "S"))


@pytest.mark.rule("R083")
@pytest.mark.rule("R082")
@pytest.mark.rule("R078")
def test_submission_answers_motives_form_dialogue_hours_and_owner() -> None:
    receipt = registered().receipt(event("organisation-submitted", id="event-2"))

    assert not {"RC-001", "RC-004", "RC-008", "RC-009"} & set(receipt.missing_b or ())


@pytest.mark.rule("R081")
def test_note_is_published_on_the_private_topic_only() -> None:
    intake = registered()
    answers = [{"item": "RC-002", "answer": "yes", "note": "Wij praatten er drie keer over."}]

    outputs = intake.process(event("readiness-reported", id="noted", answers=answers))

    assert TextFiled(f"organisation/{ORG}", "note-RC-002", "Wij praatten er drie keer over.") in outputs
    assert "drie keer" not in repr([m for m in outputs if m.topic != "tandem.private"])


def test_items_of_a_vacancy_are_reported_once_it_is_open() -> None:
    intake = ready()
    intake.process(event("vacancy-submitted", id="vacancy"))

    outputs = report(intake, items("vacancy", "S"), vacancy="vacancy-1")

    assert of_kind(outputs, ReadinessProgressed) == [ReadinessProgressed(ORG, VACANCY, (), ())]
    assert of_kind(outputs, ReadinessCompleted) == [ReadinessCompleted(ORG, VACANCY, "S")]


def test_unknown_vacancy_is_rejected_as_retryable() -> None:
    (receipt,) = report(ready(), ["RC-303"], vacancy="vacancy-1")

    assert rejected(receipt) == ("unknown-reference", True)


def test_unknown_organisation_is_rejected_as_retryable() -> None:
    (receipt,) = report(IntakeHarness(), ["RC-002"])

    assert rejected(receipt) == ("unknown-reference", True)


def test_organisation_of_another_partner_is_rejected_for_good() -> None:
    intake = registered()

    (receipt,) = intake.process(event("readiness-reported", id="theirs", partner="other", organisation=str(ORG)), partner="other")

    assert rejected(receipt) == ("not-yours", False)


def test_organisation_may_be_referred_to_by_its_tandem_id() -> None:
    outputs = report(registered(), ["RC-002"], organisation=str(ORG))

    assert of_kind(outputs, ReadinessProgressed)[0].missing_b == ("RC-003", "RC-006", "RC-201")


def test_vacancy_of_another_organisation_is_rejected() -> None:
    intake = ready()
    intake.process(event("vacancy-submitted", id="vacancy"))
    intake.process(event("organisation-submitted", id="second", organisation="org-2"))

    (receipt,) = report(intake, ["RC-303"], organisation="org-2", vacancy="vacancy-1")

    assert rejected(receipt) == ("invalid-data", False)


@pytest.mark.parametrize(
    ("item", "vacancy"), [("RC-303", None), ("RC-002", "vacancy-1")], ids=["of a vacancy", "of the organisation"]
)
def test_item_of_the_wrong_scope_is_rejected(item: str, vacancy: str | None) -> None:
    (receipt,) = report(registered(), [item], vacancy=vacancy)

    assert rejected(receipt) == ("invalid-data", False)


def test_not_applicable_is_rejected_for_an_item_that_always_applies() -> None:
    (receipt,) = report(registered(), ["RC-002"], answer="not_applicable")

    assert rejected(receipt) == ("invalid-data", False)


@pytest.mark.rule("R098")
@pytest.mark.rule("R099")
def test_not_applicable_does_not_meet_step_1_in_a_listed_sector() -> None:
    intake = registered(sector="welfare")

    outputs = report(intake, ["RC-101", "RC-102", "RC-103"], answer="not_applicable")

    assert {"RC-101", "RC-102", "RC-103"} <= set(of_kind(outputs, ReadinessProgressed)[0].missing_b)


def test_not_applicable_meets_the_item_on_benefits() -> None:
    intake = ready()
    intake.process(event("vacancy-submitted", id="vacancy"))

    outputs = report(intake, ["RC-305"], answer="not_applicable", vacancy="vacancy-1")

    assert "RC-305" not in of_kind(outputs, ReadinessProgressed)[0].missing_s
