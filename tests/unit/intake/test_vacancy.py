"""A vacancy asks to be opened."""

from datetime import date, datetime
from typing import Any

import pytest

from services.intake.domain.vacancy import Vacancy
from services.intake.ids import tandem_id
from shared.messages.intake import ContactChanged, ReadinessProgressed, Receipt, TextFiled, VacancyOpened
from tests.support.intake_harness import NOON, IntakeHarness, event, of_kind
from tests.unit.intake.ready import items, ready, registered

ORG = tandem_id("demo", "organisation", "org-1")
VACANCY = tandem_id("demo", "vacancy", "vacancy-1")
KEY = f"vacancy/{VACANCY}"
TASK = {"category": "research", "lowers_threshold": False, "goal": "Wij weten wat mensen missen."}
PARTNER = {"name": "Tandempartner Eén", "email": "partner@voorbeeldhuis.example", "willing": True}


def submit(intake: IntakeHarness, **data: Any) -> list[Any]:
    return list(intake.process(event("vacancy-submitted", id="vacancy", **data)))


def faults(receipt: Receipt) -> list[str]:
    assert receipt.problem
    return [fault.pointer for fault in receipt.problem.errors]


@pytest.mark.rule("R084")
@pytest.mark.rule("R108")
@pytest.mark.rule("R111")
@pytest.mark.rule("R009")
def test_after_gate_b_it_opens_with_its_tasks_and_the_organisations_motives() -> None:
    said = submit(ready())

    (opened,) = of_kind(said, VacancyOpened)
    assert (opened.vacancy, opened.organisation, opened.motives) == (VACANCY, ORG, ("fit", "participation"))
    assert [task.category for task in opened.tasks] == ["individual_support", "training_advice"]
    assert opened.missing_s == tuple(items("vacancy", "S"))


@pytest.mark.rule("R016")
@pytest.mark.rule("R017")
def test_a_task_says_whether_it_lowers_the_threshold_and_a_place_which_languages_are_spoken() -> None:
    (opened,) = of_kind(submit(ready(), languages=["nl", "ar"]), VacancyOpened)

    assert [task.lowers_threshold for task in opened.tasks] == [True, False]
    assert opened.languages == ("nl", "ar")


@pytest.mark.rule("R069")
def test_before_gate_b_it_is_refused_with_the_missing_items_and_may_come_again() -> None:
    intake = registered()

    (receipt,) = submit(intake)

    assert (receipt.outcome, receipt.problem.retryable) == ("rejected", True)
    assert receipt.problem.missing == ("RC-002", "RC-003", "RC-006", "RC-201")
    assert KEY not in intake.states


@pytest.mark.rule("R107")
def test_its_own_data_answer_the_items_of_gate_b_that_belong_to_a_vacancy() -> None:
    said = submit(ready())

    assert of_kind(said, ReadinessProgressed) == [ReadinessProgressed(ORG, VACANCY, (), tuple(items("vacancy", "S")))]


@pytest.mark.rule("R120")
def test_without_a_tandem_step_4_is_not_asked() -> None:
    said = submit(ready(), tandem={"form": "none"})

    assert not [code for code in of_kind(said, VacancyOpened)[0].missing_s if code.startswith("RC-4")]
    assert of_kind(said, ContactChanged) == []


@pytest.mark.rule("R049")
@pytest.mark.rule("R074")
@pytest.mark.rule("R115")
def test_the_tandem_partners_are_people_with_a_contact_of_their_own() -> None:
    partners = [PARTNER, PARTNER | {"name": "Tandempartner Twee", "email": "twee@voorbeeldhuis.example"}]

    said = submit(ready(), tandem={"form": "alternating", "partner_type": "volunteer", "partners": partners})

    assert [(c.about, c.role, c.nth, c.name) for c in of_kind(said, ContactChanged)] == [
        (KEY, "partner", 0, "Tandempartner Eén"),
        (KEY, "partner", 1, "Tandempartner Twee"),
    ]
    assert of_kind(said, VacancyOpened)[0].partners == 2


@pytest.mark.rule("R113")
def test_words_go_to_the_private_topic_goals_by_number_and_other_duties_apart() -> None:
    said = submit(ready())

    filed = {text.field: text.text for text in of_kind(said, TextFiled)}
    assert filed["goal-1"] == "Het team leert welke woorden mensen helpen en welke niet."
    assert filed["other-duties"] == "Een keer per week helpen bij de koffie."
    assert "koffie" not in repr([m for m in said if m.topic != "tandem.private"])


@pytest.mark.rule("R084")
def test_a_task_without_a_goal_is_refused_at_its_place() -> None:
    (receipt,) = submit(ready(), tasks=[TASK, {"category": "research", "lowers_threshold": False}])

    assert faults(receipt) == ["/data/tasks/1/goal"]


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
def test_a_setting_goes_with_its_sort_of_work(category: str, setting: str | None, fits: bool) -> None:
    said = submit(ready(), tasks=[TASK | {"category": category, "setting": setting}])

    assert bool(of_kind(said, VacancyOpened)) == fits


@pytest.mark.rule("R060")
def test_a_secondment_is_no_form_of_contract() -> None:
    (receipt,) = submit(ready(), contract={"form": "secondment", "pay": "Schaal B1."})

    assert faults(receipt) == ["/data/contract/form"]
    assert receipt.problem and receipt.problem.errors[0].detail == "is not in the list; allowed: permanent, fixed_term, replacement"


@pytest.mark.rule("R029")
def test_who_asks_for_a_diploma_is_warned_and_not_refused() -> None:
    said = submit(ready(), diploma_required=True)

    assert [advice.pointer for advice in said[0].advice] == ["/data/diploma_required"]
    assert of_kind(said, VacancyOpened)


@pytest.mark.rule("R117")
@pytest.mark.parametrize(
    ("tandem", "pointers"),
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
    ids=["nobody", "no type", "partners of none", "two in a fixed duo", "not willing"],
)
def test_a_tandem_has_partners_who_said_yes_as_many_as_its_form(tandem: dict[str, Any], pointers: list[str]) -> None:
    (receipt,) = submit(ready(), tandem=tandem)

    assert faults(receipt) == pointers


def test_an_open_vacancy_is_not_opened_twice() -> None:
    intake = ready()
    submit(intake)

    (receipt,) = intake.process(event("vacancy-submitted", id="again", hours=24))

    assert isinstance(receipt, Receipt)
    assert receipt.problem and receipt.problem.type.endswith("/already-open")


def test_somebody_elses_organisation_cannot_get_a_vacancy() -> None:
    (receipt,) = ready().process(event("vacancy-submitted", id="theirs", partner="other", organisation=str(ORG)), partner="other")

    assert isinstance(receipt, Receipt)
    assert receipt.problem and (receipt.problem.status, receipt.problem.retryable) == (403, False)


@pytest.mark.parametrize("starts_on", ["2026-11-22", "2007-01-11", "2028-11-24", "2072-01-11"])
def test_a_first_day_that_has_gone_by_or_lies_years_ahead_is_refused(starts_on: str) -> None:
    intake = ready()

    (receipt,) = submit(intake, starts_on=starts_on)

    assert (receipt.outcome, faults(receipt)) == ("rejected", ["/data/starts_on"])
    assert KEY not in intake.states


@pytest.mark.parametrize("starts_on", ["2026-11-23", "2028-11-23"])
def test_a_first_day_may_be_today_and_up_to_two_years_ahead(starts_on: str) -> None:
    (opened,) = of_kind(submit(ready(), starts_on=starts_on), VacancyOpened)

    assert opened.starts_on == date.fromisoformat(starts_on)


def test_today_is_what_the_organisations_own_calendar_shows() -> None:
    after_midnight_in_brussels = datetime(2026, 11, 23, 23, 30, tzinfo=NOON.tzinfo)

    said = ready().process(event("vacancy-submitted", id="vacancy", starts_on="2026-11-23"), at=after_midnight_in_brussels)

    assert faults(of_kind(said, Receipt)[0]) == ["/data/starts_on"]


@pytest.mark.rule("R060")
def test_the_form_of_the_employers_contract_is_kept() -> None:
    intake = ready()

    submit(intake, contract={"form": "replacement", "pay": "barema 1"})

    state = intake.states[KEY]
    assert isinstance(state, Vacancy)
    assert state.contract_form == "replacement"
