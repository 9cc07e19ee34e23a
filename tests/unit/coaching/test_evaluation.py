"""The fixed evaluation after three months: its date, its moves, its reminders until it is held."""

from datetime import UTC, date, datetime, time
from uuid import UUID

import pytest
from msgspec.structs import replace

from services.coaching.domain.tandem import Evaluation
from shared.messages.coaching import EvaluationCompleted, EvaluationDue, EvaluationScheduled, ExplorationStarted, ReplyRefused
from shared.messages.code_lists import Role, Side
from shared.messages.notify import CandidatePicked, EvaluationHeld, EvaluationMoved, ReplyReceived
from tests.unit.coaching.given import (
    AGREED,
    FORMED,
    IDS,
    ORGANISATION_READY,
    POLICY,
    TANDEM,
    VACANCY_READY,
    History,
    due,
    formed,
    held_reply,
    morning,
    moved_reply,
    refusal,
    start,
    started,
)

FIRST = date(2027, 6, 1)  # three months after 1 March


@pytest.mark.rule("R132")
def test_the_evaluation_is_scheduled_when_the_tandem_is_formed() -> None:
    assert History().handle(FORMED) == [
        EvaluationScheduled(*IDS, on=FIRST, at=None, zone="Europe/Brussels", sequence=0, move_reason=None)
    ]


def test_a_repeated_tandem_formed_schedules_nothing() -> None:
    assert formed().handle(FORMED) == []


@pytest.mark.rule("R132")
@pytest.mark.parametrize(
    ("starts_on", "on"),
    [
        (date(2026, 11, 30), date(2027, 3, 1)),  # no 30 February: the month's end is a Sunday, then Monday
        (date(2027, 11, 30), date(2028, 2, 29)),  # the month's end of a leap year, a Tuesday
        (date(2028, 2, 29), date(2028, 5, 29)),  # from a leap day
        (date(2027, 2, 1), date(2027, 5, 3)),  # 1 May is a holiday, a Saturday
        (date(2028, 2, 1), date(2028, 5, 2)),  # 1 May is a holiday, a Monday
        (date(2027, 8, 11), date(2027, 11, 12)),  # 11 November is a holiday in Belgium, a Thursday
        (date(2027, 9, 25), date(2027, 12, 27)),  # 25 December is a holiday, a Saturday
        (date(2026, 12, 28), date(2027, 3, 30)),  # 28 March is Easter and a clock change; Easter Monday is a holiday
        (date(2027, 7, 31), date(2027, 11, 2)),  # 31 October is a Sunday and a clock change; All Saints' Day is a holiday
    ],
)
def test_it_is_on_the_first_working_day_from_three_calendar_months_after_the_first_day(starts_on: date, on: date) -> None:
    (scheduled,) = History().handle(replace(FORMED, starts_on=starts_on))

    assert isinstance(scheduled, EvaluationScheduled) and scheduled.on == on


def test_holidays_are_those_of_the_organisations_country() -> None:
    (scheduled,) = History().handle(replace(FORMED, starts_on=date(2027, 8, 11), language="nl-NL", zone="Europe/Amsterdam"))

    assert isinstance(scheduled, EvaluationScheduled) and scheduled.on == date(2027, 11, 11)


@pytest.mark.rule("R132")
def test_the_reminder_plan_has_steps_before_and_after_the_evaluation() -> None:
    assert formed().reminders == {
        "invitation": date(2027, 5, 11),
        "reminder_7": date(2027, 5, 25),
        "reminder_1": date(2027, 5, 31),
        "coordinator": date(2027, 6, 4),
        "advice_team": date(2027, 6, 8),
        "lead": date(2027, 6, 15),
    }


def test_a_reminder_is_due_at_nine_local_time_before_and_after_a_clock_change() -> None:
    spring = formed(replace(FORMED, starts_on=date(2027, 1, 4))).pending["invitation"]
    autumn = formed(replace(FORMED, starts_on=date(2027, 8, 16))).pending["invitation"]
    november = formed(replace(FORMED, starts_on=date(2027, 8, 30))).pending["invitation"]

    assert spring.due_at == datetime(2027, 3, 15, 8, tzinfo=UTC)
    assert autumn.due_at == datetime(2027, 10, 26, 7, tzinfo=UTC)
    assert november.due_at == datetime(2027, 11, 9, 8, tzinfo=UTC)


@pytest.mark.rule("R132")
@pytest.mark.parametrize("stage", ["invitation", "reminder_7", "reminder_1", "coordinator", "advice_team", "lead"])
def test_each_reminder_names_its_stage(stage: str) -> None:
    (published,) = started().fire(stage)

    assert isinstance(published, EvaluationDue)
    assert (published.stage, published.on, published.at, published.sequence) == (stage, FIRST, None, 0)


@pytest.mark.rule("R118", "R132")
@pytest.mark.parametrize(("side", "role"), [("expert", "expert"), ("organisation", "coordinator"), ("organisation", "partner")])
def test_a_report_of_either_side_completes_it_and_cancels_the_reminders(side: Side, role: Role) -> None:
    history = started()

    assert history.handle(held_reply(FIRST, side, role), morning(FIRST)) == [EvaluationCompleted(*IDS, side=side, held_on=FIRST)]
    assert history.reminders == {}


def test_a_second_report_of_the_same_day_changes_nothing_and_one_of_another_day_is_refused() -> None:
    history = started()
    history.handle(held_reply(FIRST), morning(FIRST))

    assert history.handle(held_reply(FIRST, "organisation"), morning(FIRST)) == []
    assert refusal(history.handle(held_reply(date(2027, 6, 2), "organisation"), morning(date(2027, 6, 3)))) == "already_held"


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
def test_a_report_is_accepted_from_four_weeks_after_the_first_day_until_today(day: date, counts: bool) -> None:
    (published,) = started().handle(held_reply(day), morning(FIRST))

    assert isinstance(published, EvaluationCompleted) == counts
    if isinstance(published, ReplyRefused):
        assert (published.action, published.day, published.reason) == ("held", day, "date")
        assert (published.earliest, published.latest) == (date(2027, 3, 29), FIRST)


def test_the_four_weeks_count_from_the_actual_first_day() -> None:
    history = formed()
    history.fire("first_day", morning(date(2027, 3, 5)))
    start(history)

    assert history.tandem.exploring_since == date(2027, 3, 8)
    assert refusal(history.handle(held_reply(date(2027, 4, 4)), morning(FIRST))) == "date"
    assert isinstance(history.handle(held_reply(date(2027, 4, 5)), morning(FIRST))[0], EvaluationCompleted)


def test_a_tandem_that_has_not_started_cannot_report_an_evaluation() -> None:
    assert refusal(formed().handle(held_reply(FIRST), morning(FIRST))) == "not_started"


def test_today_is_the_local_date() -> None:
    half_past_midnight = datetime(2027, 5, 31, 22, 30, tzinfo=UTC)

    assert isinstance(started().handle(held_reply(FIRST), half_past_midnight)[0], EvaluationCompleted)


def test_a_reminder_in_flight_when_the_evaluation_is_held_is_dropped() -> None:
    history = started()
    in_flight = due(history.pending["coordinator"])
    history.handle(held_reply(FIRST), morning(FIRST))

    assert history.handle(in_flight, morning(in_flight.day)) == []


@pytest.mark.rule("R118", "R132")
@pytest.mark.parametrize("side", ["expert", "organisation"])
def test_either_side_can_move_it_with_a_reason_and_the_reminders_move_along(side: Side) -> None:
    history = formed()

    published = history.handle(moved_reply(date(2027, 6, 10), time(14), "illness", side), morning(date(2027, 5, 3)))

    assert published == [
        EvaluationScheduled(*IDS, on=date(2027, 6, 10), at=time(14), zone="Europe/Brussels", sequence=1, move_reason="illness")
    ]
    assert history.reminders == {
        "invitation": date(2027, 5, 20),
        "reminder_7": date(2027, 6, 3),
        "reminder_1": date(2027, 6, 9),
        "coordinator": date(2027, 6, 13),
        "advice_team": date(2027, 6, 17),
        "lead": date(2027, 6, 24),
    }


@pytest.mark.parametrize(
    ("to", "reminder"),
    [
        (date(2027, 6, 14), date(2027, 6, 11)),  # a Monday
        (date(2027, 6, 15), date(2027, 6, 14)),
        (date(2027, 7, 22), date(2027, 7, 20)),  # the day after a holiday of Belgium
    ],
)
def test_the_reminder_of_the_day_before_is_sent_on_a_working_day(to: date, reminder: date) -> None:
    history = formed()
    history.handle(moved_reply(to))

    assert history.reminders["reminder_1"] == reminder


def test_a_moved_evaluation_sends_no_second_invitation() -> None:
    history = started()
    invitation = history.pending["invitation"]
    history.handle(due(invitation), morning(invitation.day))
    history.handle(moved_reply(date(2027, 6, 30)), morning(invitation.day))

    assert list(history.reminders) == ["reminder_7", "reminder_1", "coordinator", "advice_team", "lead"]


def test_a_move_schedules_no_reminders_in_the_past() -> None:
    history = formed()
    history.handle(moved_reply(date(2027, 5, 14)), morning(date(2027, 5, 10)))

    assert list(history.reminders) == ["reminder_1", "coordinator", "advice_team", "lead"]
    assert history.reminders["reminder_1"] == date(2027, 5, 13)


def test_a_reminder_in_flight_for_the_former_date_is_dropped() -> None:
    history = started()
    in_flight = due(history.pending["reminder_1"])
    history.handle(moved_reply(date(2027, 6, 10)), morning(date(2027, 5, 30)))

    assert history.handle(in_flight, morning(in_flight.day)) == []


@pytest.mark.parametrize("version", [1, 2])
def test_a_new_policy_does_not_affect_reminders_that_are_scheduled(version: int) -> None:
    fewer = [step.model_copy(update={"days": step.days + 1}) for step in POLICY.evaluation_reminders if step.stage != "lead"]
    later = History(POLICY.model_copy(update={"version": version, "evaluation_reminders": tuple(fewer)}))
    running = started()
    later.states, later.timers = running.states, running.timers
    days = dict(later.reminders)

    (published,) = later.handle(moved_reply(FIRST, time(14)), morning(date(2027, 5, 3)))

    assert isinstance(published, EvaluationScheduled) and published.sequence == 1
    assert later.reminders == days
    for stage in days:
        (reminder,) = later.fire(stage)
        assert isinstance(reminder, EvaluationDue) and (reminder.stage, reminder.at) == (stage, time(14))


def test_the_time_alone_can_change_and_the_same_move_again_changes_nothing() -> None:
    history = formed()

    (published,) = history.handle(moved_reply(FIRST, time(10, 30)))

    assert isinstance(published, EvaluationScheduled) and (published.on, published.at, published.sequence) == (
        FIRST,
        time(10, 30),
        1,
    )
    assert history.handle(moved_reply(FIRST, time(10, 30))) == []


@pytest.mark.parametrize(
    ("to", "is_allowed"),
    [
        (date(2027, 5, 10), False),  # today
        (date(2027, 5, 9), False),
        (date(2027, 5, 11), True),
        (date(2027, 9, 1), True),  # six months after the first day
        (date(2027, 9, 2), False),
    ],
)
def test_it_can_move_to_a_future_day_within_six_months(to: date, is_allowed: bool) -> None:
    (published,) = started().handle(moved_reply(to), morning(date(2027, 5, 10)))

    assert isinstance(published, EvaluationScheduled) == is_allowed
    if isinstance(published, ReplyRefused):
        assert (published.action, published.day, published.reason) == ("moved", to, "date")
        assert (published.earliest, published.latest) == (date(2027, 5, 11), date(2027, 9, 1))


def test_the_six_months_count_from_the_actual_first_day() -> None:
    history = formed()
    history.fire("first_day", morning(date(2027, 3, 5)))
    start(history)

    assert refusal(history.handle(moved_reply(date(2027, 9, 9)), morning(date(2027, 5, 10)))) == "date"
    assert isinstance(history.handle(moved_reply(date(2027, 9, 8)), morning(date(2027, 5, 10)))[0], EvaluationScheduled)


@pytest.mark.rule("R132")
def test_a_late_start_moves_the_evaluation_and_its_reminders() -> None:
    history = formed()
    history.handle(moved_reply(FIRST, time(14)))
    history.fire("first_day", morning(date(2027, 3, 5)))  # their readiness is unknown until that Friday
    history.handle(ORGANISATION_READY)
    history.handle(VACANCY_READY)

    published = history.fire("first_day")

    assert published == [
        ExplorationStarted(*IDS, started_on=date(2027, 3, 8)),
        EvaluationScheduled(*IDS, on=date(2027, 6, 8), at=None, zone="Europe/Brussels", sequence=2, move_reason="start_slipped"),
    ]
    assert history.reminders["lead"] == date(2027, 6, 22) and len(history.reminders) == 6


def test_a_late_start_that_leads_to_the_same_evaluation_date_moves_nothing() -> None:
    history = formed(replace(FORMED, starts_on=date(2026, 12, 7)), datetime(2026, 11, 23, tzinfo=UTC))
    history.fire("first_day")
    history.handle(ORGANISATION_READY)
    history.handle(VACANCY_READY)

    assert history.fire("first_day") == [ExplorationStarted(*IDS, started_on=date(2026, 12, 8))]


def test_a_late_start_leaves_an_evaluation_that_is_later_already() -> None:
    history = formed()
    history.handle(moved_reply(date(2027, 6, 10), time(14)))
    history.fire("first_day", morning(date(2027, 3, 5)))

    assert start(history).tandem.evaluation == Evaluation(date(2027, 6, 10), time(14), "Europe/Brussels", 1)


def test_a_start_on_the_agreed_day_leaves_a_moved_evaluation() -> None:
    history = formed()
    history.handle(moved_reply(date(2027, 5, 25)))

    assert start(history).tandem.evaluation == Evaluation(date(2027, 5, 25), None, "Europe/Brussels", 1)


@pytest.mark.parametrize("stage", ["invitation", "reminder_7", "reminder_1", "coordinator", "advice_team", "lead"])
def test_no_reminder_is_sent_for_a_tandem_that_has_not_started(stage: str) -> None:
    assert formed().fire(stage) == []


@pytest.mark.parametrize(
    ("stage", "day", "is_sent"),
    [
        ("invitation", date(2027, 5, 12), True),
        ("invitation", date(2027, 5, 31), True),  # the day before the evaluation
        ("invitation", FIRST, False),
        ("reminder_7", date(2027, 5, 30), True),
        ("reminder_7", date(2027, 5, 31), False),
        ("reminder_1", FIRST, False),
        ("reminder_1", date(2027, 6, 2), False),
        ("coordinator", date(2027, 6, 5), True),
        ("lead", date(2027, 7, 30), True),
    ],
)
def test_after_a_pause_a_late_reminder_is_sent_while_its_words_are_true(stage: str, day: date, is_sent: bool) -> None:
    assert bool(started().fire(stage, morning(day))) == is_sent


def test_the_day_of_a_reminder_is_the_local_date() -> None:
    half_past_midnight = datetime(2027, 5, 31, 22, 30, tzinfo=UTC)

    assert started().fire("reminder_1", half_past_midnight) == []


@pytest.mark.parametrize("hour", [5, 6, 21])  # 07:00, 08:00 and 23:00 in Brussels
def test_a_time_chosen_on_the_day_of_a_reminder_does_not_drop_that_reminder(hour: int) -> None:
    history = started()
    history.handle(moved_reply(FIRST, time(10, 30)), datetime(2027, 5, 25, hour, tzinfo=UTC))

    (published,) = history.fire("reminder_7")

    assert isinstance(published, EvaluationDue) and (published.at, published.sequence) == (time(10, 30), 1)


@pytest.mark.parametrize(("moment", "planned"), [(datetime(2027, 5, 25, 6, tzinfo=UTC), True), (morning(date(2027, 5, 25)), False)])
def test_a_reminder_of_today_is_scheduled_before_nine_only(moment: datetime, planned: bool) -> None:
    history = started()
    history.handle(moved_reply(date(2027, 5, 26)), moment)

    assert ("reminder_1" in history.reminders) == planned


def test_it_cannot_move_to_the_first_day_or_before() -> None:
    assert refusal(formed().handle(moved_reply(date(2027, 3, 1)), AGREED)) == "date"


def test_it_cannot_move_after_it_was_held() -> None:
    history = started()
    history.handle(held_reply(FIRST), morning(FIRST))

    assert refusal(history.handle(moved_reply(date(2027, 7, 1)), morning(FIRST))) == "already_held"


@pytest.mark.parametrize(("side", "role"), [("expert", "coordinator"), ("organisation", "expert"), ("organisation", "mediator")])
def test_a_role_cannot_report_or_move_for_the_other_side(side: Side, role: Role) -> None:
    history = started()

    assert refusal(history.handle(held_reply(FIRST, side, role), morning(FIRST))) == "not_allowed"
    moved = ReplyReceived(role, EvaluationMoved(TANDEM, side, date(2027, 7, 1), None, "other"))
    assert refusal(history.handle(moved)) == "not_allowed"


def test_a_reply_about_an_unknown_tandem_is_refused_and_stores_nothing() -> None:
    history, unknown = History(), UUID(int=99)
    held = ReplyReceived("expert", EvaluationHeld(unknown, "expert", FIRST))

    assert refusal(history.handle(held, morning(FIRST))) == "not_scheduled"
    assert history.states[f"tandem/{unknown}"] == history.decider.initial_state(f"tandem/{unknown}")


def test_a_refusal_names_the_reply_and_the_person_who_gave_it() -> None:
    history = started()
    second_partner = ReplyReceived("partner", EvaluationHeld(TANDEM, "organisation", date(2027, 2, 28)), nth=1)

    (refused,) = history.handle(second_partner, morning(FIRST))

    assert isinstance(refused, ReplyRefused) and isinstance(refused.reply, UUID)
    assert (refused.role, refused.nth, refused.tandem) == ("partner", 1, TANDEM)


def test_a_reply_for_matching_changes_nothing() -> None:
    assert started().handle(ReplyReceived("mediator", CandidatePicked(UUID(int=10), UUID(int=20), "other", None, 1))) == []
