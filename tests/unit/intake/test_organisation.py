"""Submitted organisations."""

import pytest

from services.intake.domain.organisation import Organisation
from services.intake.ids import tandem_id
from shared.messages.ids import entity_key
from shared.messages.intake import ContactChanged, OrganisationRegistered, ReadinessProgressed, Receipt, TextFiled
from tests.support.intake_harness import IntakeHarness, event, of_kind
from tests.unit.intake.given import ready, registered, report

ORG = tandem_id("demo", "organisation", "org-1")
KEY = entity_key("organisation", ORG)


def pointers(receipt: Receipt) -> list[str]:
    """The pointers of the errors in a receipt."""
    return [error.pointer for error in receipt.problem.errors] if receipt.problem else []


def stored(intake: IntakeHarness) -> Organisation:
    """The state of the organisation."""
    state = intake.states[KEY]
    assert isinstance(state, Organisation)
    return state


@pytest.mark.rule("R008")
@pytest.mark.rule("R021")
@pytest.mark.rule("R022")
def test_organisation_is_registered_with_its_motives_and_missing_items() -> None:
    outputs = IntakeHarness().process(event("organisation-submitted"))

    (registered,) = of_kind(outputs, OrganisationRegistered)
    assert registered.organisation == ORG
    assert registered.motives == ("fit", "participation")
    assert registered.missing_b == ("RC-002", "RC-003", "RC-006", "RC-201")


def test_receipt_has_the_tandem_id_and_the_position_of_the_record() -> None:
    receipt = IntakeHarness().receipt(event("organisation-submitted"))

    assert (receipt.outcome, receipt.tandem_id, receipt.event_id, receipt.partition, receipt.offset) == (
        "accepted",
        ORG,
        "event-1",
        0,
        0,
    )
    assert receipt.missing_b == ("RC-002", "RC-003", "RC-006", "RC-201")


@pytest.mark.rule("R045")
@pytest.mark.rule("R077")
def test_coordinator_and_dialogue_owner_are_published_on_the_private_topic_only() -> None:
    outputs = IntakeHarness().process(event("organisation-submitted"))

    assert [(c.role, c.name, c.topic) for c in of_kind(outputs, ContactChanged)] == [
        ("coordinator", "Coördinator Eén", "tandem.private")
    ]
    assert TextFiled(KEY, "dialogue-owner", "Coördinator Eén") in outputs
    public = [m for m in outputs if m.topic != "tandem.private"]
    assert "Coördinator Eén" not in repr(public)
    assert "Voorbeeldhuis" not in repr(public)


@pytest.mark.rule("R010")
def test_motive_fit_requires_the_part_of_the_offer_to_improve() -> None:
    without_offer = IntakeHarness().receipt(event("organisation-submitted", without=["offer_to_improve"]))
    without_fit = IntakeHarness().receipt(event("organisation-submitted", motives=["accessibility"], without=["offer_to_improve"]))

    assert pointers(without_offer) == ["/data/offer_to_improve"]
    assert without_fit.outcome == "accepted"


@pytest.mark.rule("R042")
@pytest.mark.parametrize("sector", ["ocmw", "childcare", "government_agency", "association", "employment_service", "family_agency"])
def test_organisations_of_these_sectors_can_take_part(sector: str) -> None:
    assert (
        of_kind(IntakeHarness().process(event("organisation-submitted", sector=sector)), OrganisationRegistered)[0].sector == sector
    )


@pytest.mark.rule("R073")
@pytest.mark.rule("R074")
@pytest.mark.rule("R075")
@pytest.mark.rule("R076")
@pytest.mark.parametrize("form", ["tandem", "independent", "whole_team"])
def test_cooperation_form_requires_a_short_reason(form: str) -> None:
    reason = "Zo werken wij al."

    outputs = IntakeHarness().process(event("organisation-submitted", cooperation={"form": form, "reason": reason}))

    assert of_kind(outputs, OrganisationRegistered)[0].cooperation_form == form
    assert TextFiled(KEY, "cooperation-reason", reason) in outputs
    assert pointers(IntakeHarness().receipt(event("organisation-submitted", cooperation={"form": form}))) == [
        "/data/cooperation/reason"
    ]


@pytest.mark.rule("R078")
@pytest.mark.parametrize("form", ["tandem", "independent", "whole_team"])
def test_dialogue_hours_are_stored_and_answer_their_item_whatever_the_form(form: str) -> None:
    intake, dialogue = IntakeHarness(), {"owner": "Coördinator Eén", "hours_per_week": 3}

    intake.process(event("organisation-submitted", dialogue=dialogue, cooperation={"form": form, "reason": "Zo werken wij al."}))

    assert stored(intake).dialogue_hours == 3
    assert "RC-004" in stored(intake).answered_by_data


@pytest.mark.rule("R072")
@pytest.mark.rule("R077")
@pytest.mark.rule("R078")
def test_dialogue_requires_an_owner_and_hours() -> None:
    no_owner = IntakeHarness().receipt(event("organisation-submitted", dialogue={"hours_per_week": 2}))
    no_time = IntakeHarness().receipt(event("organisation-submitted", dialogue={"owner": "Coördinator Eén", "hours_per_week": 0}))

    assert pointers(no_owner) == ["/data/dialogue/owner"]
    assert pointers(no_time) == ["/data/dialogue/hours_per_week"]


@pytest.mark.rule("R079")
def test_first_time_is_required_and_published() -> None:
    outputs = IntakeHarness().process(event("organisation-submitted", first_time=False))

    assert of_kind(outputs, OrganisationRegistered)[0].first_time is False
    assert pointers(IntakeHarness().receipt(event("organisation-submitted", without=["first_time"]))) == ["/data/first_time"]


@pytest.mark.rule("R079")
def test_only_a_first_time_leads_to_advice_and_answers_its_item() -> None:
    first, again = IntakeHarness(), IntakeHarness()

    first_receipt = first.receipt(event("organisation-submitted", first_time=True))
    second_receipt = again.receipt(event("organisation-submitted", first_time=False))

    assert [error.pointer for error in first_receipt.advice] == ["/data/first_time"]
    assert "help" in first_receipt.advice[0].detail
    assert second_receipt.advice == ()
    assert "RC-012" in stored(first).answered_by_data
    assert "RC-012" not in stored(again).answered_by_data


@pytest.mark.rule("R063")
def test_interested_organisation_has_wishes_and_sessions() -> None:
    sessions = [{"held_on": "2026-09-14", "attended": True}, {"held_on": "2026-12-01", "attended": False}]
    interest = {"wishes": ["Iemand voor de balie."], "sessions": sessions}
    intake = IntakeHarness()

    outputs = intake.process(event("organisation-submitted", status="interested", interest=interest))

    assert of_kind(outputs, OrganisationRegistered)[0].status == "interested"
    assert TextFiled(KEY, "wishes", "Iemand voor de balie.") in outputs
    assert stored(intake).status == "interested"
    assert stored(intake).sessions == {"2026-09-14": True, "2026-12-01": False}


@pytest.mark.rule("R063")
def test_session_is_named_once() -> None:
    once = {"held_on": "2026-09-14", "attended": True}

    receipt = IntakeHarness().receipt(event("organisation-submitted", interest={"sessions": [once, once | {"attended": False}]}))

    assert pointers(receipt) == ["/data/interest/sessions"]


@pytest.mark.rule("R099")
def test_step_1_applies_to_the_listed_sectors_only() -> None:
    welfare = IntakeHarness().receipt(event("organisation-submitted", sector="welfare"))
    school = IntakeHarness().receipt(event("organisation-submitted", sector="education"))

    assert {"RC-101", "RC-102", "RC-103"} <= set(welfare.missing_b or ())
    assert not {"RC-101", "RC-102", "RC-103"} & set(school.missing_b or ())


@pytest.mark.rule("R092")
def test_resubmitted_organisation_keeps_its_policy_version_and_answers() -> None:
    intake = registered()
    report(intake, ["RC-002"])

    intake.process(event("organisation-submitted", id="event-2", place="Elders"))

    organisation = intake.states[KEY]
    assert isinstance(organisation, Organisation)
    assert organisation.answers == {"RC-002": "yes"}
    assert organisation.policy_version == 1


def test_change_of_sector_may_reopen_a_gate() -> None:
    intake = ready()

    outputs = intake.process(event("organisation-submitted", id="event-2", sector="welfare"))

    (progressed,) = of_kind(outputs, ReadinessProgressed)
    assert progressed.missing_b == ("RC-101", "RC-102", "RC-103")


def test_same_event_again_is_a_duplicate_and_changes_nothing() -> None:
    intake = registered()

    assert [(type(m), m.outcome, m.tandem_id) for m in intake.process(event("organisation-submitted"))] == [  # type: ignore[attr-defined]
        (Receipt, "duplicate", ORG)
    ]


def test_same_id_with_another_body_is_a_conflict_and_changes_nothing() -> None:
    intake = registered()
    before = dict(intake.states)

    outputs = intake.process(event("organisation-submitted", sector="welfare"))

    assert [(type(m), m.outcome) for m in outputs] == [(Receipt, "conflict")]  # type: ignore[attr-defined]
    assert intake.states == before


def test_rejected_event_may_be_corrected_and_sent_again_under_its_id() -> None:
    intake = IntakeHarness()

    rejected = intake.receipt(event("organisation-submitted", motives=[]))
    corrected = intake.receipt(event("organisation-submitted"))

    assert (rejected.outcome, corrected.outcome) == ("rejected", "accepted")


def test_two_partners_may_use_the_same_ids_for_different_things() -> None:
    intake = registered()

    receipt = intake.receipt(event("organisation-submitted", partner="other"), partner="other")

    assert receipt.outcome == "accepted"
    assert receipt.tandem_id != ORG


@pytest.mark.parametrize(("held_on", "attended", "accepted"), [
    ("2099-01-01", True, False), ("2026-11-24", True, False), ("2026-11-23", True, True), ("2099-01-01", False, True),
])  # fmt: skip
def test_session_that_was_attended_lies_not_in_the_future(held_on: str, attended: bool, accepted: bool) -> None:
    sessions = [{"held_on": "2026-09-01", "attended": True}, {"held_on": held_on, "attended": attended}]

    receipt = IntakeHarness().receipt(event("organisation-submitted", interest={"wishes": [], "sessions": sessions}))

    pointers = [error.pointer for error in receipt.problem.errors] if receipt.problem else []
    assert pointers == ([] if accepted else ["/data/interest/sessions/1/held_on"])
