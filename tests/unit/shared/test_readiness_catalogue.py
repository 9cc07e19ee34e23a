"""The catalogue against the programme's list of readiness items."""

from collections import Counter

import pytest

from shared.programme.readiness_catalogue import readiness_items, steps


@pytest.mark.rule("R069")
def test_there_are_17_items_before_a_vacancy_21_before_the_first_day_and_17_of_advice() -> None:
    assert Counter(item.gate for item in readiness_items().values()) == {"B": 17, "S": 21, "A": 17}


@pytest.mark.rule("R145")
def test_every_code_contains_its_step() -> None:
    assert all(code == item.code and int(code[3]) == item.step for code, item in readiness_items().items())
    assert [step.number for step in steps()] == list(range(9))


def test_the_items_answered_for_each_vacancy() -> None:
    numbers = [*range(301, 307), 308, *range(401, 408), *range(501, 505), *range(601, 606)]

    assert {code for code, item in readiness_items().items() if item.scope == "vacancy"} == {f"RC-{n}" for n in numbers}


@pytest.mark.rule("R099")
def test_not_applicable_is_allowed_for_step_1_step_4_and_the_benefit_only() -> None:
    assert {code for code, item in readiness_items().items() if item.allows_not_applicable} == {
        code for code, item in readiness_items().items() if item.step in (1, 4) or code == "RC-305"
    }


@pytest.mark.rule("R070")
@pytest.mark.rule("R071")
@pytest.mark.rule("R093")
def test_vision_money_and_self_criticism_are_required_before_a_vacancy() -> None:
    assert [readiness_items()[code].gate for code in ("RC-002", "RC-003", "RC-006")] == ["B", "B", "B"]
