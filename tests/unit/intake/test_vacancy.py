"""Submitted vacancies."""

from datetime import date, datetime
from typing import Any

import pytest

from services.intake.domain.vacancy import Vacancy
from services.intake.ids import tandem_id
from shared.messages.intake import ContactChanged, ReadinessProgressed, Receipt, TextFiled, VacancyOpened
from tests.support.intake_harness import NOON, IntakeHarness, event, of_kind
from tests.unit.intake.given import items, ready, registered

ORG = tandem_id("demo", "organisation", "org-1")
MISSING_S = tuple(code for code in items("vacancy", "S") if code != "RC-605")
"""What a new vacancy lacks before the first day: Tandem fixes the date of the evaluation itself."""
VACANCY = tandem_id("demo", "vacancy", "vacancy-1")
KEY = f"vacancy/{VACANCY}"
TASK = {"category": "research", "lowers_threshold": False, "goal": "Wij weten wat mensen missen."}
PARTNER = {"name": "Tandempartner Eén", "email": "partner@voorbeeldhuis.example", "willing": True}


def submit(intake: IntakeHarness, **data: Any) -> list[Any]:
    return list(intake.process(event("vacancy-submitted", id="vacancy", **data)))


def pointers(receipt: Receipt) -> list[str]:
    assert receipt.problem
    return [error.pointer for error in receipt.problem.errors]


@pytest.mark.rule("R084")
@pytest.mark.rule("R108")
@pytest.mark.rule("R111")
@pytest.mark.rule("R009")
def test_vacancy_opens_after_gate_b_with_its_tasks_and_the_organisations_motives() -> None:
    outputs = submit(ready())

    (opened,) = of_kind(outputs, VacancyOpened)
    assert (opened.vacancy, opened.organisation, opened.motives) == (VACANCY, ORG, ("fit", "participation"))
    assert [task.category for task in opened.tasks] == ["individual_support", "training_advice"]
    assert opened.missing_s == MISSING_S


@pytest.mark.rule("R016")
@pytest.mark.rule("R017")
def test_vacancy_publishes_its_languages_and_the_tasks_that_lower_the_threshold() -> None:
    (opened,) = of_kind(submit(ready(), languages=["nl", "ar"]), VacancyOpened)

    assert [task.lowers_threshold for task in opened.tasks] == [True, False]
    assert opened.languages == ("nl", "ar")


@pytest.mark.rule("R069")
def test_vacancy_before_gate_b_is_rejected_as_retryable_with_the_missing_items() -> None:
    intake = registered()

    (receipt,) = submit(intake)

    assert (receipt.outcome, receipt.problem.retryable) == ("rejected", True)
    assert receipt.problem.missing == ("RC-002", "RC-003", "RC-006", "RC-201")
    assert KEY not in intake.states


@pytest.mark.rule("R107")
def test_submitted_data_answer_all_items_of_gate_b_of_a_vacancy() -> None:
    outputs = submit(ready())

    assert of_kind(outputs, ReadinessProgressed) == [ReadinessProgressed(ORG, VACANCY, (), MISSING_S)]


@pytest.mark.rule("R120")
def test_step_4_does_not_apply_without_a_tandem() -> None:
    outputs = submit(ready(), tandem={"form": "none"})

    assert not [code for code in of_kind(outputs, VacancyOpened)[0].missing_s if code.startswith("RC-4")]
    assert of_kind(outputs, ContactChanged) == []


@pytest.mark.rule("R049")
@pytest.mark.rule("R074")
@pytest.mark.rule("R115")
def test_each_tandem_partner_has_contact_data() -> None:
    partners = [PARTNER, PARTNER | {"name": "Tandempartner Twee", "email": "twee@voorbeeldhuis.example"}]

    outputs = submit(ready(), tandem={"form": "alternating", "partner_type": "volunteer", "partners": partners})

    assert [(c.about, c.role, c.nth, c.name) for c in of_kind(outputs, ContactChanged)] == [
        (KEY, "partner", 0, "Tandempartner Eén"),
        (KEY, "partner", 1, "Tandempartner Twee"),
    ]
    assert of_kind(outputs, VacancyOpened)[0].partners == 2


@pytest.mark.rule("R113")
def test_texts_are_published_on_the_private_topic_goals_by_number() -> None:
    outputs = submit(ready())

    filed = {text.field: text.text for text in of_kind(outputs, TextFiled)}
    assert filed["goal-1"] == "Het team leert welke woorden mensen helpen en welke niet."
    assert filed["other-duties"] == "Een keer per week helpen bij de koffie."
    assert "koffie" not in repr([m for m in outputs if m.topic != "tandem.private"])


@pytest.mark.rule("R084")
def test_task_without_a_goal_is_rejected_with_its_pointer() -> None:
    (receipt,) = submit(ready(), tasks=[TASK, {"category": "research", "lowers_threshold": False}])

    assert pointers(receipt) == ["/data/tasks/1/goal"]


@pytest.mark.rule("R108")
@pytest.mark.rule("R109")
@pytest.mark.rule("R110")
@pytest.mark.rule("R112")
@pytest.mark.parametrize(
    ("category", "setting", "fits"),
    [
        ("individual_support", "ambulatory", True),
        ("group_work", "residential", True),
        ("policy_work", "supra_local", True),
        ("policy_work", "ambulatory", False),
        ("group_work", "local", False),
        ("research", "local", False),
        ("research", None, True),
    ],
)
def test_setting_must_fit_the_category_of_the_task(category: str, setting: str | None, fits: bool) -> None:
    outputs = submit(ready(), tasks=[TASK | {"category": category, "setting": setting}])

    assert bool(of_kind(outputs, VacancyOpened)) == fits


@pytest.mark.rule("R060")
def test_secondment_is_not_a_contract_form() -> None:
    (receipt,) = submit(ready(), contract={"form": "secondment", "pay": "Schaal B1."})

    assert pointers(receipt) == ["/data/contract/form"]
    assert receipt.problem and receipt.problem.errors[0].detail == "is not in the list; allowed: permanent, fixed_term, replacement"


@pytest.mark.rule("R029")
def test_required_diploma_leads_to_advice_and_not_to_a_rejection() -> None:
    outputs = submit(ready(), diploma_required=True)

    assert [advice.pointer for advice in outputs[0].advice] == ["/data/diploma_required"]
    assert of_kind(outputs, VacancyOpened)


@pytest.mark.rule("R117")
@pytest.mark.parametrize(
    ("tandem", "expected"),
    [
        ({"form": "alternating", "partner_type": "helper"}, ["/data/tandem/partners"]),
        ({"form": "alternating", "partners": [PARTNER]}, ["/data/tandem/partner_type"]),
        ({"form": "none", "partners": [PARTNER]}, ["/data/tandem/partners"]),
        ({"form": "fixed_one_to_one", "partner_type": "helper", "partners": [PARTNER, PARTNER]}, ["/data/tandem/partners"]),
        (
            {"form": "other", "partner_type": "helper", "partners": [PARTNER | {"willing": False}]},
            ["/data/tandem/partners/0/willing"],
        ),
    ],
    ids=["no partner", "no type", "partners of none", "two in a fixed duo", "not willing"],
)
def test_tandem_requires_willing_partners_as_its_form_prescribes(tandem: dict[str, Any], expected: list[str]) -> None:
    (receipt,) = submit(ready(), tandem=tandem)

    assert pointers(receipt) == expected


def test_open_vacancy_is_not_opened_again() -> None:
    intake = ready()
    submit(intake)

    (receipt,) = intake.process(event("vacancy-submitted", id="again", hours=24))

    assert isinstance(receipt, Receipt)
    assert receipt.problem and receipt.problem.type.endswith(":already-open")


def partner(**changes: Any) -> dict[str, Any]:
    return {"name": "Tandempartner Eén", "email": "partner@voorbeeldhuis.example", "willing": True} | changes


def tandem_with(*partners: dict[str, Any]) -> dict[str, Any]:
    return {"form": "alternating", "partner_type": "helper", "partners": list(partners)}


@pytest.mark.parametrize(
    "change", [{"email": "nieuw@voorbeeldhuis.example"}, {"name": "Iemand Anders"}, {"phone": "+32 2 000 00 12"}]
)
def test_contact_data_of_a_tandem_partner_can_be_corrected(change: dict[str, Any]) -> None:
    intake, other = ready(), partner(name="Tandempartner Twee", email="twee@voorbeeldhuis.example")
    submit(intake, tandem=tandem_with(partner(), other))

    receipt, *rest = intake.process(event("vacancy-submitted", id="corrected", tandem=tandem_with(partner(**change), other)))

    assert isinstance(receipt, Receipt) and receipt.outcome == "accepted"
    contacts = [message for message in rest if isinstance(message, ContactChanged)]
    assert contacts == rest and [(it.role, it.nth) for it in contacts] == [("partner", 0), ("partner", 1)]
    assert all(getattr(contacts[0], name) == value for name, value in change.items())
    again = intake.process(event("vacancy-submitted", id="again", tandem=tandem_with(partner(**change), other)))
    assert is_already_open(again)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Een andere titel"},
        {"tandem": tandem_with(partner())},
        {"tandem": tandem_with(partner(email="nieuw@voorbeeldhuis.example")) | {"partner_type": "volunteer"}},
    ],
)
def test_nothing_else_of_an_open_vacancy_changes(change: dict[str, Any]) -> None:
    intake, other = ready(), partner(name="Tandempartner Twee", email="twee@voorbeeldhuis.example")
    submit(intake, tandem=tandem_with(partner(), other))
    changed = {"tandem": tandem_with(partner(email="nieuw@voorbeeldhuis.example"), other)} | change

    assert is_already_open(intake.process(event("vacancy-submitted", id="changed", **changed)))


def is_already_open(messages: list[Any]) -> bool:
    (receipt,) = messages
    return bool(receipt.problem and receipt.problem.type.endswith(":already-open"))


def test_vacancy_for_an_organisation_of_another_partner_is_rejected() -> None:
    (receipt,) = ready().process(event("vacancy-submitted", id="theirs", partner="other", organisation=str(ORG)), partner="other")

    assert isinstance(receipt, Receipt)
    assert receipt.problem and (receipt.problem.status, receipt.problem.retryable) == (403, False)


@pytest.mark.parametrize("starts_on", ["2026-11-22", "2007-01-11", "2028-11-24", "2072-01-11"])
def test_first_day_in_the_past_or_years_ahead_is_rejected(starts_on: str) -> None:
    intake = ready()

    (receipt,) = submit(intake, starts_on=starts_on)

    assert (receipt.outcome, pointers(receipt)) == ("rejected", ["/data/starts_on"])
    assert KEY not in intake.states


@pytest.mark.parametrize("starts_on", ["2026-11-23", "2028-11-23"])
def test_first_day_may_be_today_and_up_to_two_years_ahead(starts_on: str) -> None:
    (opened,) = of_kind(submit(ready(), starts_on=starts_on), VacancyOpened)

    assert opened.starts_on == date.fromisoformat(starts_on)


def test_today_is_a_date_in_the_organisations_zone() -> None:
    after_midnight_in_brussels = datetime(2026, 11, 23, 23, 30, tzinfo=NOON.tzinfo)

    outputs = ready().process(event("vacancy-submitted", id="vacancy", starts_on="2026-11-23"), at=after_midnight_in_brussels)

    assert pointers(of_kind(outputs, Receipt)[0]) == ["/data/starts_on"]


@pytest.mark.rule("R060")
def test_form_of_the_employers_contract_is_stored() -> None:
    intake = ready()

    submit(intake, contract={"form": "replacement", "pay": "barema 1"})

    state = intake.states[KEY]
    assert isinstance(state, Vacancy)
    assert state.contract_form == "replacement"


def test_organisation_that_is_only_interested_opens_no_vacancy() -> None:
    intake = ready(status="interested")

    receipt = intake.receipt(event("vacancy-submitted", id="vacancy"))

    assert receipt.problem and receipt.problem.retryable and receipt.problem.type.endswith(":not-ready")
    assert "taking_part" in receipt.problem.errors[0].detail
    assert intake.receipt(event("organisation-submitted", id="2", status="taking_part")).outcome == "accepted"
    assert intake.receipt(event("vacancy-submitted", id="vacancy")).outcome == "accepted"


def test_receipt_names_status_and_missing_items_at_once() -> None:
    problem = registered(status="interested").receipt(event("vacancy-submitted", id="vacancy")).problem

    assert problem and problem.missing
    assert "taking_part" in problem.errors[0].detail and "listed in `missing`" in problem.errors[0].detail
