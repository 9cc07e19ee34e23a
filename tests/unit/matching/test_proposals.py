"""From a vacancy to a tandem, one message after the other."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from services.matching.domain.scoring import score_candidate
from services.matching.domain.states import RecordPoolChange, RequestShortlist
from shared.messages.code_lists import Role, Side
from shared.messages.intake import ExpertNotYetEligible
from shared.messages.matching import (
    ExpertPlaced,
    MatchAnswered,
    MatchDeclined,
    MatchExpired,
    MatchProposed,
    MatchWithdrawn,
    ShortlistDrawn,
    TandemFormed,
)
from shared.messages.notify import EvaluationHeld, ReplyReceived
from shared.pipeline.timers import ScheduleTimer, TimerDue
from tests.unit.matching.given import (
    ANNA,
    BERT,
    MONDAY,
    OPENED,
    OTHER_PLACE,
    PLACE,
    REGISTERED,
    History,
    answered,
    listed,
    picked,
    proposed,
)

OTHER_EXPERT = replace(REGISTERED, expert=BERT)
OTHER_VACANCY = replace(OPENED, vacancy=OTHER_PLACE)


LEFT = ExpertNotYetEligible(ANNA, ("training",), "training", "nl-BE", "Europe/Brussels")


def proposed_for(history: History, starts_on: date) -> MatchProposed:
    (said,) = history.tell(picked(starts_on=starts_on))
    assert isinstance(said, MatchProposed)
    return said


def due(match: MatchProposed, side: Side) -> TimerDue:
    """The morning after a side's last day."""
    day = (match.expert_answers_by if side == "expert" else match.organisation_answers_by) + timedelta(days=1)
    touched = f"expert/{match.expert}"
    return TimerDue(match.subject, milestone=f"answer/{match.match}", step=side, recipient=side, day=day, related_keys=(touched,))


def test_an_opened_vacancy_wants_a_shortlist() -> None:
    history = History()

    assert history.tell(OPENED) == []
    assert history.effects == [RequestShortlist(PLACE)]


def test_a_vacancy_heard_again_unchanged_wants_nothing() -> None:
    history = History()
    history.tell(OPENED)
    history.tell(OPENED)

    assert history.effects == [RequestShortlist(PLACE)]


def test_somebody_new_changes_the_pool_and_the_same_words_again_do_not() -> None:
    history = History()
    history.tell(REGISTERED)
    history.tell(REGISTERED)

    assert history.effects == [RecordPoolChange()]


def test_whoever_no_longer_meets_the_criteria_leaves_the_pool() -> None:
    history = listed(REGISTERED)
    history.tell(LEFT)

    assert history.expert().profile is None
    assert history.tell(picked()) == []


@pytest.mark.rule("R125")
def test_a_draw_becomes_a_shortlist_with_reasons() -> None:
    history = History()
    history.tell(OPENED)

    assert history.draw(PLACE, REGISTERED) == [
        ShortlistDrawn(PLACE, OPENED.organisation, revision=1, eligible_count=1, candidates=(score_candidate(OPENED, REGISTERED),))
    ]


def test_an_empty_list_is_not_said_and_the_vacancy_waits() -> None:
    history = History()
    history.tell(OPENED)

    assert history.draw(PLACE) == []
    assert [type(said) for said in history.draw(PLACE, REGISTERED)] == [ShortlistDrawn]


def test_a_list_that_becomes_empty_is_said_so_that_nobody_is_offered_who_cannot_be_picked() -> None:
    history = listed(REGISTERED)

    assert history.draw(PLACE) == [ShortlistDrawn(PLACE, OPENED.organisation, revision=2, eligible_count=0, candidates=())]
    assert history.draw(PLACE) == []
    assert history.tell(picked()) == []


def test_a_list_with_other_reasons_is_another_list() -> None:
    history = listed(REGISTERED)

    (said,) = history.draw(PLACE, replace(REGISTERED, task_categories=("research",)))

    assert isinstance(said, ShortlistDrawn) and said.revision == 2


def test_the_reasons_of_a_proposal_are_those_of_the_list() -> None:
    history = listed(REGISTERED)
    whole = score_candidate(OPENED, REGISTERED)

    (said,) = history.tell(picked())

    assert isinstance(said, MatchProposed)
    assert (said.reasons_for, said.reasons_against) == (whole.reasons_for, whole.reasons_against)


def test_the_same_list_is_not_said_again() -> None:
    history = listed(REGISTERED)

    assert history.draw(PLACE, REGISTERED) == []
    (drawn,) = history.draw(PLACE, REGISTERED, OTHER_EXPERT)
    assert isinstance(drawn, ShortlistDrawn) and drawn.revision == 2


def test_a_draw_that_comes_late_changes_nothing() -> None:
    history = listed(REGISTERED)
    proposed(history)

    assert history.draw(PLACE, REGISTERED, OTHER_EXPERT) == []


@pytest.mark.rule("R009", "R121", "R125")
def test_the_mediators_pick_becomes_a_proposal_with_the_reasons_of_the_list() -> None:
    starting = replace(REGISTERED, experience="starting")
    alternating = replace(OPENED, tandem_form="alternating")
    history = listed(starting, vacancies=[alternating])
    on_the_list = score_candidate(alternating, starting)

    match = proposed(history)

    assert (match.reasons_for, match.reasons_against) == (on_the_list.reasons_for, on_the_list.reasons_against)
    assert match.not_used == on_the_list.not_used
    assert match.form_warning
    assert match.pick_reason == "fits_tasks"
    assert match.starts_on == OPENED.starts_on


@pytest.mark.rule("R029")
def test_a_proposal_says_what_was_left_out_on_purpose() -> None:
    assert "diploma" in proposed(listed(REGISTERED)).not_used


def test_each_side_has_its_working_days_and_silence_is_noticed_the_morning_after() -> None:
    history = listed(REGISTERED)

    match = proposed(history)

    assert match.organisation_answers_by == date(2027, 2, 8)
    assert match.expert_answers_by == date(2027, 2, 15)
    assert [effect for effect in history.effects if isinstance(effect, ScheduleTimer)] == [
        ScheduleTimer(
            f"vacancy/{PLACE}",
            f"answer/{match.match}",
            "expert",
            "expert",
            date(2027, 2, 16),
            "Europe/Brussels",
            (f"expert/{ANNA}",),
        ),
        ScheduleTimer(
            f"vacancy/{PLACE}",
            f"answer/{match.match}",
            "organisation",
            "organisation",
            date(2027, 2, 9),
            "Europe/Brussels",
            (f"expert/{ANNA}",),
        ),
    ]


def test_holidays_are_those_of_each_sides_country() -> None:
    in_may = datetime(2028, 4, 28, 9, tzinfo=UTC)  # a Friday; Monday 1 May is free in Belgium alone
    history = listed(replace(REGISTERED, language="nl-NL"))

    (match,) = history.tell(picked(), at=in_may)

    assert isinstance(match, MatchProposed)
    assert match.organisation_answers_by == date(2028, 5, 8)
    assert match.expert_answers_by == date(2028, 5, 12)


@pytest.mark.parametrize(
    ("moment", "last_day"),
    [
        (datetime(2027, 2, 1, 22, 30, tzinfo=UTC), date(2027, 2, 8)),  # 23.30 in Brussels, still Monday
        (datetime(2027, 2, 1, 23, 30, tzinfo=UTC), date(2027, 2, 9)),  # half past midnight there
        (datetime(2027, 3, 31, 22, 30, tzinfo=UTC), date(2027, 4, 8)),  # summer time: 1 April has begun there
        (datetime(2027, 11, 2, 22, 30, tzinfo=UTC), date(2027, 11, 9)),  # winter time again: still 2 November there
    ],
)
def test_the_days_are_counted_from_the_local_date(moment: datetime, last_day: date) -> None:
    (match,) = listed(REGISTERED).tell(picked(), at=moment)

    assert isinstance(match, MatchProposed)
    assert match.organisation_answers_by == last_day


def test_the_mediators_form_may_name_another_first_day() -> None:
    (match,) = listed(REGISTERED).tell(picked(starts_on=date(2027, 4, 5)))

    assert isinstance(match, MatchProposed) and match.starts_on == date(2027, 4, 5)


@pytest.mark.parametrize(
    ("picked_on", "starts_on"),
    [
        (datetime(2027, 3, 10, 9, tzinfo=UTC), date(2027, 3, 10)),
        (datetime(2027, 3, 13, 9, tzinfo=UTC), date(2027, 3, 15)),  # on a Saturday
        (datetime(2027, 3, 28, 22, 30, tzinfo=UTC), date(2027, 3, 30)),  # Easter Monday has begun in Brussels
    ],
)
def test_a_first_day_that_has_gone_by_becomes_the_next_working_day(picked_on: datetime, starts_on: date) -> None:
    (match,) = listed(REGISTERED).tell(picked(), at=picked_on)

    assert isinstance(match, MatchProposed) and match.starts_on == starts_on


def test_a_first_day_is_a_working_day_in_the_organisations_country() -> None:
    dutch = replace(OPENED, language="nl-NL", zone="Europe/Amsterdam")
    first_of_may = date(2028, 5, 1)  # a Monday, free in Belgium alone

    (match,) = listed(REGISTERED).tell(picked(starts_on=first_of_may), at=datetime(2028, 4, 3, 9, tzinfo=UTC))
    (in_nl,) = listed(REGISTERED, vacancies=[dutch]).tell(picked(starts_on=first_of_may), at=datetime(2028, 4, 3, 9, tzinfo=UTC))

    assert isinstance(match, MatchProposed) and match.starts_on == date(2028, 5, 2)
    assert isinstance(in_nl, MatchProposed) and in_nl.starts_on == first_of_may


@pytest.mark.parametrize(("starts_on", "stands"), [(date(2028, 2, 1), True), (date(2028, 2, 2), False)])
def test_a_first_day_more_than_twelve_months_away_is_no_proposal(starts_on: date, stands: bool) -> None:
    assert bool(listed(REGISTERED).tell(picked(starts_on=starts_on))) == stands


def test_a_first_day_that_went_by_while_people_thought_it_over_is_the_day_of_the_second_yes() -> None:
    history = listed(REGISTERED)
    match = proposed_for(history, date(2027, 2, 3))
    history.tell(answered(match, "expert"))

    formed = history.tell(answered(match, "organisation"), at=datetime(2027, 2, 6, 9, tzinfo=UTC))[-1]  # a Saturday

    assert match.starts_on == date(2027, 2, 3)
    assert isinstance(formed, TandemFormed) and formed.starts_on == date(2027, 2, 8)


def test_somebody_who_is_not_on_the_list_cannot_be_picked() -> None:
    history = listed(REGISTERED)
    history.tell(OTHER_EXPERT)

    assert history.tell(picked(expert=BERT)) == []


@pytest.mark.parametrize("role", ["coordinator", "expert", "partner", "advice_team", "lead"])
def test_only_the_mediator_picks(role: Role) -> None:
    assert listed(REGISTERED).tell(picked(role=role)) == []


def test_a_second_pick_changes_nothing() -> None:
    history = listed(REGISTERED, OTHER_EXPERT)
    proposed(history)

    assert history.tell(picked()) == []
    assert history.tell(picked(expert=BERT)) == []


def test_a_first_yes_is_remembered() -> None:
    history = listed(REGISTERED)
    match = proposed(history)

    assert history.tell(answered(match, "expert")) == [
        MatchAnswered(match.match, PLACE, OPENED.organisation, ANNA, side="expert", answer="yes")
    ]
    assert history.tell(answered(match, "expert")) == []


@pytest.mark.rule("R116", "R117")
@pytest.mark.parametrize("first", ["expert", "organisation"])
def test_the_second_yes_forms_the_tandem(first: Side) -> None:
    history = listed(REGISTERED)
    match = proposed(history)
    second: Side = "organisation" if first == "expert" else "expert"
    history.tell(answered(match, first))

    yes, formed = history.tell(answered(match, second))

    assert isinstance(yes, MatchAnswered) and isinstance(formed, TandemFormed)
    assert (formed.expert, formed.starts_on, formed.tandem_form) == (ANNA, OPENED.starts_on, "fixed_one_to_one")
    assert history.vacancy().filled and history.expert().placed == match.match


@pytest.mark.rule("R120")
def test_no_tandem_partner_is_a_valid_form() -> None:
    history = listed(REGISTERED, vacancies=[replace(OPENED, tandem_form="none", partners=0, partner_type=None)])
    match = proposed(history)
    history.tell(answered(match, "expert"))

    formed = history.tell(answered(match, "organisation"))[-1]

    assert isinstance(formed, TandemFormed) and formed.tandem_form == "none"


def test_a_yes_may_become_a_no_until_the_second_yes() -> None:
    history = listed(REGISTERED)
    match = proposed(history)
    history.tell(answered(match, "expert"))

    assert history.tell(answered(match, "expert", "no", reason="hours")) == [
        MatchDeclined(match.match, PLACE, OPENED.organisation, ANNA, side="expert", reason="hours")
    ]
    assert history.tell(answered(match, "organisation")) == []


def test_after_the_second_yes_a_no_changes_nothing() -> None:
    history = listed(REGISTERED)
    match = proposed(history)
    history.tell(answered(match, "expert"))
    history.tell(answered(match, "organisation"))

    assert history.tell(answered(match, "expert", "no")) == []


def test_a_no_opens_the_list_again_without_the_one_it_is_about() -> None:
    history = listed(REGISTERED, OTHER_EXPERT)
    match = proposed(history)
    history.tell(answered(match, "organisation", "no"))

    assert history.effects[-1] == RequestShortlist(PLACE)
    assert history.tell(picked()) == []
    assert proposed(history, expert=BERT).expert == BERT


@pytest.mark.parametrize(("side", "role"), [("expert", "coordinator"), ("organisation", "expert"), ("organisation", "mediator")])
def test_nobody_answers_for_another_side(side: Side, role: Role) -> None:
    history = listed(REGISTERED)

    assert history.tell(answered(proposed(history), side, role=role)) == []


def test_an_answer_to_an_earlier_proposal_changes_nothing() -> None:
    history = listed(REGISTERED, OTHER_EXPERT)
    first = proposed(history)
    history.tell(answered(first, "expert", "no"))
    proposed(history, expert=BERT)

    assert history.tell(answered(first, "expert")) == []


def test_the_last_day_counts_and_the_day_after_does_not() -> None:
    on_time, late = listed(REGISTERED), listed(REGISTERED)

    assert on_time.tell(answered(proposed(on_time), "organisation"), at=datetime(2027, 2, 8, 22, 59, tzinfo=UTC)) != []
    assert late.tell(answered(proposed(late), "organisation"), at=datetime(2027, 2, 8, 23, 1, tzinfo=UTC)) == []


def test_silence_ends_the_proposal_and_opens_the_list_again() -> None:
    history = listed(REGISTERED)
    match = proposed(history)

    assert history.tell(due(match, "organisation")) == [
        MatchExpired(match.match, PLACE, OPENED.organisation, ANNA, unanswered_by=("organisation",))
    ]
    assert history.effects[-1] == RequestShortlist(PLACE)
    assert proposed(history).match != match.match


def test_a_side_that_said_yes_is_not_called_silent() -> None:
    history = listed(REGISTERED)
    match = proposed(history)
    history.tell(answered(match, "organisation"))

    assert history.tell(due(match, "organisation")) == []
    assert history.tell(due(match, "expert")) == [
        MatchExpired(match.match, PLACE, OPENED.organisation, ANNA, unanswered_by=("expert",))
    ]


def test_a_timer_of_a_proposal_that_is_over_changes_nothing() -> None:
    history = listed(REGISTERED)
    match = proposed(history)
    history.tell(answered(match, "expert"))
    history.tell(answered(match, "organisation"))

    assert history.tell(due(match, "expert")) == []


def test_who_finds_a_place_is_withdrawn_from_the_other_proposals_and_everyone_hears_why() -> None:
    history = listed(REGISTERED, vacancies=[OPENED, OTHER_VACANCY])
    match, other = proposed(history), proposed(history, vacancy=OTHER_PLACE)
    history.tell(answered(match, "expert"))

    placed = history.tell(answered(match, "organisation"))[-1]

    assert placed == ExpertPlaced(ANNA, OTHER_PLACE, other.match)
    assert history.tell(placed) == [MatchWithdrawn(other.match, OTHER_PLACE, OPENED.organisation, ANNA, reason="expert_placed")]
    assert history.effects[-1] == RequestShortlist(OTHER_PLACE)


def test_between_finding_a_place_and_being_withdrawn_no_second_tandem_forms() -> None:
    history = listed(REGISTERED, vacancies=[OPENED, OTHER_VACANCY])
    match, other = proposed(history), proposed(history, vacancy=OTHER_PLACE)
    for proposal in (match, other):
        history.tell(answered(proposal, "expert"))
    history.tell(answered(match, "organisation"))

    assert history.tell(answered(other, "organisation")) == []


def test_who_is_placed_is_not_picked_again() -> None:
    history = listed(REGISTERED, vacancies=[OPENED, OTHER_VACANCY])
    match = proposed(history)
    history.tell(answered(match, "expert"))
    history.tell(answered(match, "organisation"))

    assert history.effects[-1] == RecordPoolChange()
    assert history.tell(picked(OTHER_PLACE)) == []


def test_whoever_no_longer_meets_the_criteria_is_withdrawn_everywhere_and_everyone_hears_why() -> None:
    history = listed(REGISTERED, vacancies=[OPENED, OTHER_VACANCY])
    match, other = proposed(history), proposed(history, vacancy=OTHER_PLACE)

    gone = history.tell(LEFT)

    assert gone == [
        ExpertPlaced(ANNA, PLACE, match.match, reason="expert_unavailable"),
        ExpertPlaced(ANNA, OTHER_PLACE, other.match, reason="expert_unavailable"),
    ]
    for withdrawal, ended in zip(gone, (match, other), strict=True):
        assert history.tell(withdrawal) == [
            MatchWithdrawn(ended.match, ended.vacancy, OPENED.organisation, ANNA, reason="expert_unavailable")
        ]
    assert history.expert().proposed == ()
    assert history.tell(LEFT) == []


@pytest.mark.rule("R056")
def test_whoever_no_longer_meets_the_criteria_forms_no_tandem() -> None:
    history = listed(REGISTERED)
    match = proposed(history)
    history.tell(answered(match, "expert"))
    history.tell(LEFT)

    assert history.tell(answered(match, "organisation")) == []
    assert history.tell(answered(match, "expert", "no")) == []


def test_a_tandem_that_formed_meanwhile_is_not_withdrawn() -> None:
    history = listed(REGISTERED)
    match = proposed(history)
    (gone,) = history.tell(LEFT)
    history.tell(REGISTERED)
    for side in ("expert", "organisation"):
        history.tell(answered(match, side))

    assert history.vacancy().filled
    assert history.tell(gone) == []


def test_a_reply_that_is_for_another_service_touches_nothing() -> None:
    history = listed(REGISTERED)

    assert history.tell(ReplyReceived("expert", EvaluationHeld(UUID(int=9), "expert", MONDAY.date()))) == []
