"""Reasons for and against a candidate, the score, and what never counts."""

from datetime import date
from itertools import combinations
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.matching.domain.pool_query import build_query, trait_bits
from services.matching.domain.scoring import COMPETENCES_FOR_MOTIVE, NOT_USED, form_warning, is_eligible, score_candidate
from shared.messages import code_lists
from shared.messages.intake import ExpertRegistered, VacancyOpened
from shared.messages.matching import Reason
from tests.unit.matching.given import OPENED, REGISTERED


def subsets(literal: Any) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(get_args(literal)), unique=True, max_size=4).map(tuple)


EXPERTS = st.builds(
    replace,
    st.just(REGISTERED),
    experience=st.sampled_from(get_args(code_lists.Experience)),
    task_categories=subsets(code_lists.TaskCategory),
    target_groups=subsets(code_lists.TargetGroup),
    qualities=subsets(code_lists.Quality),
    interests=subsets(code_lists.Interest),
    competences=subsets(code_lists.Competence),
    languages=subsets(code_lists.WorkLanguage),
    regions=st.sampled_from([(), ("gent",), ("aalst", "gent"), ("luik",)]),
    available_from=st.dates(date(2027, 1, 1), date(2027, 5, 1)),
)
VACANCIES = st.builds(
    replace,
    st.just(OPENED),
    motives=subsets(code_lists.Motive),
    target_groups=subsets(code_lists.TargetGroup),
    qualities=subsets(code_lists.Quality),
    interests=subsets(code_lists.Interest),
    competences=subsets(code_lists.Competence),
    languages=subsets(code_lists.WorkLanguage),
    tandem_form=st.sampled_from(get_args(code_lists.TandemForm)),
)
no_deadline = settings(deadline=None)  # a slow machine does not break a property


@pytest.mark.rule("R125")
def test_qualities_interests_and_competences_are_reasons_for_a_candidate() -> None:
    reasons = score_candidate(OPENED, REGISTERED).reasons_for

    assert Reason("qualities", ("patient",)) in reasons
    assert Reason("interests", ("housing",)) in reasons
    assert Reason("competences", ("outreach", "trust_building")) in reasons


@pytest.mark.rule("R017")
def test_a_shared_language_and_a_known_target_group_are_reasons_for_a_candidate() -> None:
    reasons = score_candidate(OPENED, REGISTERED).reasons_for

    assert Reason("languages", ("nl",)) in reasons
    assert Reason("target_groups", ("generational_poverty",)) in reasons


def test_missing_preferences_are_reasons_against_a_candidate() -> None:
    assert score_candidate(OPENED, REGISTERED).reasons_against == (
        Reason("tasks", ("policy_work",)),
        Reason("target_groups", ("parents_in_poverty",)),
        Reason("languages", ("fr",)),
        Reason("competences", ("plain_language",)),
    )


def test_a_missing_quality_or_interest_is_not_a_reason_against() -> None:
    against = score_candidate(OPENED, replace(REGISTERED, qualities=(), interests=())).reasons_against

    assert not {reason.dimension for reason in against} & {"qualities", "interests"}


def test_another_region_and_a_later_day_are_reasons_against_and_never_exclude() -> None:
    elsewhere = replace(REGISTERED, regions=("luik",), available_from=date(2027, 3, 20))

    assert is_eligible(OPENED, elsewhere)
    assert {Reason("region"), Reason("start")} <= set(score_candidate(OPENED, elsewhere).reasons_against)


@pytest.mark.rule("R126")
def test_organisation_and_team_come_first_and_the_tandem_partner_last() -> None:
    candidate = score_candidate(OPENED, replace(REGISTERED, experience="starting"))

    assert [dimension for dimension, _ in candidate.parts] == [
        "tasks", "target_groups", "languages", "region", "start", "competences", "qualities", "interests", "tandem_form",
    ]  # fmt: skip
    assert dict(candidate.parts)["tandem_form"] < min(
        points for dimension, points in candidate.parts if dimension in ("tasks", "target_groups")
    )
    assert candidate.reasons_for[-1] == Reason("tandem_form", ("fixed_one_to_one",))


@pytest.mark.rule("R009")
@pytest.mark.parametrize("motive", get_args(code_lists.Motive))
def test_a_competence_that_serves_the_motive_is_a_reason_even_if_not_requested(motive: code_lists.Motive) -> None:
    vacancy = replace(OPENED, motives=(motive,), competences=())
    helpful = replace(REGISTERED, competences=COMPETENCES_FOR_MOTIVE[motive][:1])

    assert Reason("competences", COMPETENCES_FOR_MOTIVE[motive][:1]) in score_candidate(vacancy, helpful).reasons_for
    assert (
        score_candidate(vacancy, helpful).score > score_candidate(vacancy, replace(helpful, competences=("digital_basics",))).score
    )
    assert not [reason for reason in score_candidate(vacancy, REGISTERED).reasons_against if reason.dimension == "competences"]


@pytest.mark.rule("R121")
@pytest.mark.parametrize("form", get_args(code_lists.TandemForm))
@pytest.mark.parametrize("experience", get_args(code_lists.Experience))
def test_a_starting_expert_is_warned_about_every_form_but_a_fixed_partner(
    form: code_lists.TandemForm, experience: code_lists.Experience
) -> None:
    candidate = score_candidate(replace(OPENED, tandem_form=form), replace(REGISTERED, experience=experience))

    assert form_warning(experience, form) == (experience == "starting" and form != "fixed_one_to_one")
    assert (Reason("tandem_form", (form,)) in candidate.reasons_against) == form_warning(experience, form)


@pytest.mark.rule("R029")
def test_a_diploma_and_private_facts_cannot_enter_a_score() -> None:
    fields = {*ExpertRegistered.__struct_fields__, *VacancyOpened.__struct_fields__}

    assert score_candidate(OPENED, REGISTERED).not_used == NOT_USED
    assert {"diploma", "age", "sex", "origin", "family", "health", "debts"} == set(NOT_USED)
    assert not fields & {*NOT_USED, "education", "birth_date", "gender", "nationality", "diploma_required"}


@pytest.mark.parametrize(
    ("changed", "eligible"),
    [
        ({}, True),
        ({"hours_min": 20, "hours_max": 30}, False),
        ({"hours_min": 8, "hours_max": 18}, False),
        ({"hours_min": 19, "hours_max": 19}, True),
        ({"languages": ("ar",)}, False),
        ({"languages": ("ar", "fr")}, True),
        ({"available_from": date(2027, 3, 29)}, True),
        ({"available_from": date(2027, 3, 30)}, False),
    ],
)
def test_only_hours_languages_and_availability_exclude_an_expert(changed: dict[str, Any], eligible: bool) -> None:
    assert is_eligible(OPENED, replace(REGISTERED, **changed)) == eligible


def test_a_vacancy_without_languages_excludes_no_one_by_language() -> None:
    assert is_eligible(replace(OPENED, languages=()), replace(REGISTERED, languages=("ar",)))


@no_deadline
@given(VACANCIES, EXPERTS)
def test_the_parts_sum_to_the_score(vacancy: VacancyOpened, expert: ExpertRegistered) -> None:
    candidate = score_candidate(vacancy, expert)

    assert sum(points for _, points in candidate.parts) == candidate.score
    assert len({dimension for dimension, _ in candidate.parts}) == len(candidate.parts)


@no_deadline
@given(
    VACANCIES, EXPERTS, st.sampled_from(["task_categories", "target_groups", "qualities", "interests", "competences", "languages"])
)
def test_bringing_more_never_lowers_the_score(vacancy: VacancyOpened, expert: ExpertRegistered, field: str) -> None:
    less = replace(expert, **{field: getattr(expert, field)[1:]})

    assert score_candidate(vacancy, less).score <= score_candidate(vacancy, expert).score


@no_deadline
@given(VACANCIES, EXPERTS)
def test_points_counted_by_bits_equal_the_score(vacancy: VacancyOpened, expert: ExpertRegistered) -> None:
    masks, traits = build_query(vacancy)[:4], trait_bits(expert)
    counted = sum(worth * (traits & mask).bit_count() for worth, mask in zip((1, 2, 4, 8), masks, strict=True))

    candidate = score_candidate(vacancy, expert)
    assert counted == sum(points for dimension, points in candidate.parts if dimension not in ("region", "start"))


def test_different_codes_have_different_bits() -> None:
    singles = [replace(REGISTERED, task_categories=(code,)) for code in get_args(code_lists.TaskCategory)]

    assert all(trait_bits(one) != trait_bits(other) for one, other in combinations(singles, 2))


def test_code_lists_keep_the_order_of_the_stored_bits() -> None:
    """Code lists may only grow at their end: the bits of experts are stored. This is the order of the first ones stored."""
    stored = msgspec.json.decode(
        b'{"TaskCategory":["individual_support","group_work","policy_work","training_advice","research"],'
        b'"TargetGroup":["parents_in_poverty","pregnant_women","generational_poverty","other"],'
        b'"WorkLanguage":["nl","fr","en","de","ar","tr","es","pl","other"],'
        b'"Experience":["starting","experienced"],'
        b'"Quality":["patient","direct","calm","humorous","persevering","creative","precise","warm","enterprising","listening"],'
        b'"Interest":["children_and_family","health","housing","debts","education","work","neighbourhood","policy","culture","digital"],'
        b'"Competence":["trust_building","plain_language","interpreting_between_worlds","taking_away_guilt",'
        b'"constructive_confronting","giving_feedback","receiving_feedback","closeness_and_distance","group_facilitation",'
        b'"telling_own_story","training_others","policy_reading","screening_texts","outreach","knows_services_map",'
        b'"research_together","digital_basics","team_and_tandem_work","stands_up_for_rights"]}'
    )
    for name, order in stored.items():
        assert list(get_args(getattr(code_lists, name)))[: len(order)] == order
