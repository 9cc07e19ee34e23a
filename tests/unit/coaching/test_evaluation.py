"""The fixed evaluation after three months: when it is, how it moves, who is chased until it was held."""

from datetime import UTC, date, datetime, time
from uuid import UUID

import pytest
from msgspec.structs import replace

from services.coaching.domain.states import Evaluation
from shared.messages.coaching import EvaluationCompleted, EvaluationDue, EvaluationScheduled, ExplorationStarted
from shared.messages.code_lists import Role, Side
from shared.messages.notify import EvaluationHeld, EvaluationMoved, ReplyReceived
from tests.unit.coaching.given import (
    AGREED,
    FORMED,
    IDS,
    ORGANISATION_READY,
    PAIR,
    POLICY,
    VACANCY_READY,
    History,
    begins,
    begun,
    due,
    formed,
    held,
    morning,
    moved,
)

FIRST = date(2027, 6, 1)  # three months after 1 March


@pytest.mark.rule("R132")
def test_the_evaluation_is_set_when_the_tandem_is_formed() -> None:
    assert History().tell(FORMED) == [
        EvaluationScheduled(*IDS, on=FIRST, at=None, zone="Europe/Brussels", sequence=0, move_reason=None)
    ]


def test_a_tandem_heard_of_twice_has_one_evaluation() -> None:
    assert formed().tell(FORMED) == []


@pytest.mark.rule("R132")
@pytest.mark.parametrize(
    ("starts_on", "on"),
    [
        (date(2026, 11, 30), date(2027, 3, 1)),  # there is no 30 February: the month's end, a Sunday, then Monday
        (date(2027, 11, 30), date(2028, 2, 29)),  # the month's end of a leap year, a Tuesday
        (date(2028, 2, 29), date(2028, 5, 29)),  # from a leap day
        (date(2027, 2, 1), date(2027, 5, 3)),  # 1 May is free, and a Saturday
        (date(2028, 2, 1), date(2028, 5, 2)),  # 1 May is free, a Monday
        (date(2027, 8, 11), date(2027, 11, 12)),  # 11 November is free in Belgium, a Thursday
        (date(2027, 9, 25), date(2027, 12, 27)),  # 25 December is free, a Saturday
        (date(2026, 12, 28), date(2027, 3, 30)),  # 28 March is Easter and the change of the clock; Easter Monday is free
        (date(2027, 7, 31), date(2027, 11, 2)),  # 31 October, a Sunday and the change of the clock; All Saints' Day is free
    ],
)
def test_it_is_three_calendar_months_on_cut_to_the_months_end_on_a_working_day(starts_on: date, on: date) -> None:
    (scheduled,) = History().tell(replace(FORMED, starts_on=starts_on))

    assert isinstance(scheduled, EvaluationScheduled) and scheduled.on == on


def test_the_holidays_are_those_of_the_organisations_country() -> None:
    (scheduled,) = History().tell(replace(FORMED, starts_on=date(2027, 8, 11), language="nl-NL", zone="Europe/Amsterdam"))

    assert isinstance(scheduled, EvaluationScheduled) and scheduled.on == date(2027, 11, 11)


@pytest.mark.rule("R132")
def test_the_chase_has_its_days_before_and_after() -> None:
    assert formed().chain == {
        "invitation": date(2027, 5, 11),
        "reminder_7": date(2027, 5, 25),
        "reminder_1": date(2027, 5, 31),
        "coordinator": date(2027, 6, 4),
        "advice_team": date(2027, 6, 8),
        "lead": date(2027, 6, 15),
    }


def test_a_reminder_comes_at_nine_on_both_sides_of_the_clocks_change() -> None:
    spring = formed(replace(FORMED, starts_on=date(2027, 1, 4))).pending["invitation"]
    autumn = formed(replace(FORMED, starts_on=date(2027, 8, 16))).pending["invitation"]
    november = formed(replace(FORMED, starts_on=date(2027, 8, 30))).pending["invitation"]

    assert spring.due_at == datetime(2027, 3, 15, 8, tzinfo=UTC)
    assert autumn.due_at == datetime(2027, 10, 26, 7, tzinfo=UTC)
    assert november.due_at == datetime(2027, 11, 9, 8, tzinfo=UTC)


@pytest.mark.rule("R132")
@pytest.mark.parametrize("stage", ["invitation", "reminder_7", "reminder_1", "coordinator", "advice_team", "lead"])
def test_each_step_of_the_chase_is_said_with_its_stage(stage: str) -> None:
    (said,) = begun().rings(stage)

    assert isinstance(said, EvaluationDue)
    assert (said.stage, said.on, said.at, said.sequence) == (stage, FIRST, None, 0)


@pytest.mark.rule("R118", "R132")
@pytest.mark.parametrize(("side", "role"), [("expert", "expert"), ("organisation", "coordinator"), ("organisation", "partner")])
def test_either_side_reports_it_held_and_the_chase_stops(side: Side, role: Role) -> None:
    history = begun()

    assert history.tell(held(FIRST, side, role), morning(FIRST)) == [EvaluationCompleted(*IDS, side=side, held_on=FIRST)]
    assert history.chain == {}


def test_a_second_report_changes_nothing() -> None:
    history = begun()
    history.tell(held(FIRST), morning(FIRST))

    assert history.tell(held(date(2027, 6, 2), "organisation"), morning(date(2027, 6, 3))) == []


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        (date(2027, 6, 2), False),  # tomorrow
        (date(2027, 6, 1), True),
        (date(2027, 3, 29), True),  # four weeks after the first day
        (date(2027, 3, 28), False),
        (date(2027, 2, 28), False),
    ],
)
def test_it_was_held_between_four_weeks_after_the_first_day_and_today(day: date, counts: bool) -> None:
    assert bool(begun().tell(held(day), morning(FIRST))) == counts


def test_the_four_weeks_count_from_the_day_on_which_they_began() -> None:
    history = formed()
    history.rings("first_day", morning(date(2027, 3, 5)))
    begins(history)

    assert history.tandem.exploring_since == date(2027, 3, 8)
    assert history.tell(held(date(2027, 4, 4)), morning(FIRST)) == []
    assert history.tell(held(date(2027, 4, 5)), morning(FIRST)) != []


def test_a_pair_that_has_not_begun_held_no_talk() -> None:
    assert formed().tell(held(FIRST), morning(FIRST)) == []


def test_today_is_the_local_date() -> None:
    half_past_midnight = datetime(2027, 5, 31, 22, 30, tzinfo=UTC)

    assert begun().tell(held(FIRST), half_past_midnight) != []


def test_a_step_that_was_on_its_way_when_the_talk_was_held_says_nothing() -> None:
    history = begun()
    on_its_way = due(history.pending["coordinator"])
    history.tell(held(FIRST), morning(FIRST))

    assert history.tell(on_its_way, morning(on_its_way.day)) == []


@pytest.mark.rule("R118", "R132")
@pytest.mark.parametrize("side", ["expert", "organisation"])
def test_either_side_moves_it_with_a_reason_and_the_chain_moves_along(side: Side) -> None:
    history = formed()

    said = history.tell(moved(date(2027, 6, 10), time(14), "illness", side), morning(date(2027, 5, 3)))

    assert said == [
        EvaluationScheduled(*IDS, on=date(2027, 6, 10), at=time(14), zone="Europe/Brussels", sequence=1, move_reason="illness")
    ]
    assert history.chain == {
        "invitation": date(2027, 5, 20),
        "reminder_7": date(2027, 6, 3),
        "reminder_1": date(2027, 6, 9),
        "coordinator": date(2027, 6, 13),
        "advice_team": date(2027, 6, 17),
        "lead": date(2027, 6, 24),
    }


def test_who_was_invited_is_not_invited_again_when_the_talk_moves() -> None:
    history = begun()
    invitation = history.pending["invitation"]
    history.tell(due(invitation), morning(invitation.day))
    history.tell(moved(date(2027, 6, 30)), morning(invitation.day))

    assert list(history.chain) == ["reminder_7", "reminder_1", "coordinator", "advice_team", "lead"]


def test_after_a_move_nothing_is_sent_for_days_that_are_past() -> None:
    history = formed()
    history.tell(moved(date(2027, 5, 14)), morning(date(2027, 5, 10)))

    assert list(history.chain) == ["reminder_1", "coordinator", "advice_team", "lead"]
    assert history.chain["reminder_1"] == date(2027, 5, 13)


def test_a_step_of_the_old_date_that_was_on_its_way_says_nothing() -> None:
    history = begun()
    on_its_way = due(history.pending["reminder_1"])
    history.tell(moved(date(2027, 6, 10)), morning(date(2027, 5, 30)))

    assert history.tell(on_its_way, morning(on_its_way.day)) == []


@pytest.mark.parametrize("version", [1, 2])
def test_another_policy_neither_silences_nor_doubles_a_chain_that_runs(version: int) -> None:
    fewer = [step.model_copy(update={"days": step.days + 1}) for step in POLICY.evaluation_reminders if step.stage != "lead"]
    later = History(POLICY.model_copy(update={"version": version, "evaluation_reminders": tuple(fewer)}))
    running = begun()
    later.states, later.timers = running.states, running.timers
    days = dict(later.chain)

    (said,) = later.tell(moved(FIRST, time(14)), morning(date(2027, 5, 3)))

    assert isinstance(said, EvaluationScheduled) and said.sequence == 1
    assert later.chain == days
    for stage in days:
        (chased,) = later.rings(stage)
        assert isinstance(chased, EvaluationDue) and (chased.stage, chased.at) == (stage, time(14))


def test_the_hour_alone_may_move_and_the_same_words_again_change_nothing() -> None:
    history = formed()

    (said,) = history.tell(moved(FIRST, time(10, 30)))

    assert isinstance(said, EvaluationScheduled) and (said.on, said.at, said.sequence) == (FIRST, time(10, 30), 1)
    assert history.tell(moved(FIRST, time(10, 30))) == []


@pytest.mark.parametrize(
    ("to", "stands"),
    [
        (date(2027, 5, 10), False),  # today
        (date(2027, 5, 9), False),
        (date(2027, 5, 11), True),
        (date(2027, 9, 1), True),  # six months after the first day
        (date(2027, 9, 2), False),
    ],
)
def test_it_moves_to_a_day_to_come_within_six_months(to: date, stands: bool) -> None:
    assert bool(begun().tell(moved(to), morning(date(2027, 5, 10)))) == stands


def test_the_six_months_count_from_the_day_on_which_they_began() -> None:
    history = formed()
    history.rings("first_day", morning(date(2027, 3, 5)))
    begins(history)

    assert history.tell(moved(date(2027, 9, 9)), morning(date(2027, 5, 10))) == []
    assert history.tell(moved(date(2027, 9, 8)), morning(date(2027, 5, 10))) != []


@pytest.mark.rule("R132")
def test_a_start_that_slips_takes_the_talk_and_its_chain_along() -> None:
    history = formed()
    history.tell(moved(FIRST, time(14)))
    history.rings("first_day", morning(date(2027, 3, 5)))  # nothing was known of them until the Friday
    history.tell(ORGANISATION_READY)
    history.tell(VACANCY_READY)

    said = history.rings("first_day")

    assert said == [
        ExplorationStarted(*IDS, started_on=date(2027, 3, 8)),
        EvaluationScheduled(*IDS, on=date(2027, 6, 8), at=None, zone="Europe/Brussels", sequence=2, move_reason="start_slipped"),
    ]
    assert history.chain["lead"] == date(2027, 6, 22) and len(history.chain) == 6


def test_a_start_that_slips_by_days_that_come_to_the_same_talk_moves_nothing() -> None:
    slipped = formed(replace(FORMED, starts_on=date(2026, 12, 7)), datetime(2026, 11, 23, tzinfo=UTC))
    slipped.rings("first_day")
    slipped.tell(ORGANISATION_READY)
    slipped.tell(VACANCY_READY)

    assert slipped.rings("first_day") == [ExplorationStarted(*IDS, started_on=date(2026, 12, 8))]


def test_a_start_that_slips_leaves_a_talk_that_is_later_already() -> None:
    history = formed()
    history.tell(moved(date(2027, 6, 10), time(14)))
    history.rings("first_day", morning(date(2027, 3, 5)))

    assert begins(history).tandem.evaluation == Evaluation(date(2027, 6, 10), time(14), "Europe/Brussels", 1)


def test_a_start_on_its_day_leaves_the_talk_where_people_put_it() -> None:
    history = formed()
    history.tell(moved(date(2027, 5, 25)))

    assert begins(history).tandem.evaluation == Evaluation(date(2027, 5, 25), None, "Europe/Brussels", 1)


@pytest.mark.parametrize("stage", ["invitation", "reminder_7", "reminder_1", "coordinator", "advice_team", "lead"])
def test_nobody_is_chased_for_a_pair_that_has_not_begun(stage: str) -> None:
    assert formed().rings(stage) == []


@pytest.mark.parametrize(
    ("stage", "day", "goes"),
    [
        ("invitation", date(2027, 5, 12), True),
        ("invitation", date(2027, 5, 31), True),  # the day before the talk
        ("invitation", FIRST, False),
        ("reminder_7", date(2027, 5, 30), True),
        ("reminder_7", date(2027, 5, 31), False),
        ("reminder_1", FIRST, False),
        ("reminder_1", date(2027, 6, 2), False),
        ("coordinator", date(2027, 6, 5), True),
        ("lead", date(2027, 7, 30), True),
    ],
)
def test_after_a_pause_a_step_is_said_while_it_is_true(stage: str, day: date, goes: bool) -> None:
    assert bool(begun().rings(stage, morning(day))) == goes


def test_the_day_of_a_step_is_the_local_date() -> None:
    half_past_midnight = datetime(2027, 5, 31, 22, 30, tzinfo=UTC)

    assert begun().rings("reminder_1", half_past_midnight) == []


@pytest.mark.parametrize("hour", [5, 6, 21])  # seven, eight and eleven in the evening there
def test_an_hour_set_on_a_reminders_own_day_does_not_lose_that_reminder(hour: int) -> None:
    history = begun()
    history.tell(moved(FIRST, time(10, 30)), datetime(2027, 5, 25, hour, tzinfo=UTC))

    (said,) = history.rings("reminder_7")

    assert isinstance(said, EvaluationDue) and (said.at, said.sequence) == (time(10, 30), 1)


@pytest.mark.parametrize(("moment", "planned"), [(datetime(2027, 5, 25, 6, tzinfo=UTC), True), (morning(date(2027, 5, 25)), False)])
def test_before_nine_a_day_is_still_to_come(moment: datetime, planned: bool) -> None:
    history = begun()
    history.tell(moved(date(2027, 5, 26)), moment)

    assert ("reminder_1" in history.chain) == planned


def test_it_does_not_move_before_the_first_day() -> None:
    assert formed().tell(moved(date(2027, 3, 1)), AGREED) == []


def test_it_does_not_move_after_it_was_held() -> None:
    history = begun()
    history.tell(held(FIRST), morning(FIRST))

    assert history.tell(moved(date(2027, 7, 1)), morning(FIRST)) == []


@pytest.mark.parametrize(("side", "role"), [("expert", "coordinator"), ("organisation", "expert"), ("organisation", "mediator")])
def test_nobody_reports_or_moves_for_another_side(side: Side, role: Role) -> None:
    history = begun()

    assert history.tell(held(FIRST, side, role), morning(FIRST)) == []
    assert history.tell(ReplyReceived(role, EvaluationMoved(PAIR, side, date(2027, 7, 1), None, "other"))) == []


def test_a_reply_about_a_tandem_that_is_not_known_changes_nothing() -> None:
    history = History()

    assert history.tell(ReplyReceived("expert", EvaluationHeld(UUID(int=99), "expert", FIRST)), morning(FIRST)) == []
