"""An organisation submits itself."""

import pytest

from services.intake.domain.states import Organisation
from services.intake.ids import tandem_id
from shared.messages.envelope import key
from shared.messages.intake import ContactChanged, OrganisationRegistered, ReadinessProgressed, Receipt, TextFiled
from tests.contracts.books import Books, event, told
from tests.unit.intake.ready import ready, registered, report

ORG = tandem_id("demo", "organisation", "org-1")
KEY = key("organisation", ORG)


@pytest.mark.rule("R008")
@pytest.mark.rule("R021")
@pytest.mark.rule("R022")
def test_an_organisation_is_registered_with_its_motives_and_what_is_still_missing() -> None:
    said = Books().hear(event("organisation-submitted"))

    (registered,) = told(said, OrganisationRegistered)
    assert registered.organisation == ORG
    assert registered.motives == ("fit", "participation")
    assert registered.missing_b == ("RC-002", "RC-003", "RC-006", "RC-201")


def test_its_receipt_names_the_tandem_id_and_where_the_record_lay() -> None:
    receipt = Books().receipt(event("organisation-submitted"))

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
def test_the_coordinator_and_the_dialogue_owner_travel_on_the_private_topic_alone() -> None:
    said = Books().hear(event("organisation-submitted"))

    assert [(c.role, c.name, c.topic) for c in told(said, ContactChanged)] == [("coordinator", "Coördinator Eén", "tandem.private")]
    assert TextFiled(KEY, "dialogue-owner", "Coördinator Eén") in said
    public = [m for m in said if m.topic != "tandem.private"]
    assert "Coördinator Eén" not in repr(public)
    assert "Voorbeeldhuis" not in repr(public)


@pytest.mark.rule("R063")
def test_interest_before_there_is_a_vacancy_is_a_status_with_wishes_and_sessions() -> None:
    interest = {"wishes": ["Iemand voor de balie."], "sessions": ["2026-09-14", "2026-12-01"]}

    said = Books().hear(event("organisation-submitted", status="interested", interest=interest))

    assert told(said, OrganisationRegistered)[0].status == "interested"
    assert TextFiled(KEY, "wishes", "Iemand voor de balie.") in said


@pytest.mark.rule("R099")
def test_step_1_counts_for_the_listed_sectors_alone() -> None:
    welfare = Books().receipt(event("organisation-submitted", sector="welfare"))
    school = Books().receipt(event("organisation-submitted", sector="education"))

    assert {"RC-101", "RC-102", "RC-103"} <= set(welfare.missing_b or ())
    assert not {"RC-101", "RC-102", "RC-103"} & set(school.missing_b or ())


@pytest.mark.rule("R092")
def test_a_running_organisation_keeps_its_policy_version_and_its_answers() -> None:
    books = registered()
    report(books, ["RC-002"])

    books.hear(event("organisation-submitted", id="event-2", place="Elders"))

    organisation = books.states[KEY]
    assert isinstance(organisation, Organisation)
    assert organisation.answers == {"RC-002": "yes"}
    assert organisation.policy == 1


def test_another_sector_may_take_the_gate_away_again_and_says_so() -> None:
    books = ready()

    said = books.hear(event("organisation-submitted", id="event-2", sector="welfare"))

    (progressed,) = told(said, ReadinessProgressed)
    assert progressed.missing_b == ("RC-101", "RC-102", "RC-103")


def test_the_same_event_again_is_a_duplicate_and_changes_nothing() -> None:
    books = registered()

    assert [(type(m), m.outcome, m.tandem_id) for m in books.hear(event("organisation-submitted"))] == [  # type: ignore[attr-defined]
        (Receipt, "duplicate", ORG)
    ]


def test_another_body_under_the_same_id_is_a_conflict_and_changes_nothing() -> None:
    books = registered()
    before = dict(books.states)

    said = books.hear(event("organisation-submitted", sector="welfare"))

    assert [(type(m), m.outcome) for m in said] == [(Receipt, "conflict")]  # type: ignore[attr-defined]
    assert books.states == before


def test_a_refused_event_may_be_corrected_and_sent_again_under_its_id() -> None:
    books = Books()

    refused = books.receipt(event("organisation-submitted", motives=[]))
    corrected = books.receipt(event("organisation-submitted"))

    assert (refused.outcome, corrected.outcome) == ("rejected", "accepted")


def test_two_partners_may_use_the_same_ids_for_different_things() -> None:
    books = registered()

    receipt = books.receipt(event("organisation-submitted", partner="other"), partner="other")

    assert receipt.outcome == "accepted"
    assert receipt.tandem_id != ORG
