"""When a timer is due, and what remains of several asks in one batch."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from shared.messages.envelope import Envelope
from shared.pipeline.timer_scheduler import _last_wins
from shared.pipeline.timers import CancelTimers, ScheduleTimer, TimerDue

TALK = ScheduleTimer("tandem/1", "talk", "invitation", "expert", date(2027, 3, 1), "Europe/Brussels")
MOVED = ScheduleTimer("tandem/1", "talk", "invitation", "expert", date(2027, 3, 8), "Europe/Brussels")
OTHER = ScheduleTimer("tandem/1", "start", "first_day", "expert", date(2027, 3, 1), "Europe/Brussels")
DROPPED = CancelTimers("tandem/1", "talk")
CAUSE = Envelope(
    id=UUID(int=1),
    source="/trial",
    subject="tandem/1",
    time=datetime(2027, 1, 1, tzinfo=UTC),
    data=TimerDue(subject="tandem/1", milestone="talk", step="invitation", recipient="expert", day=TALK.day),
)


@pytest.mark.parametrize(("day", "hour"), [(date(2027, 3, 27), 8), (date(2027, 3, 28), 7)])
def test_a_timer_is_due_at_nine_in_the_morning_where_its_people_live(day: date, hour: int) -> None:
    timer = ScheduleTimer("tandem/1", "talk", "invitation", "expert", day, "Europe/Brussels")

    assert timer.due_at == datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def test_the_last_day_that_was_asked_counts() -> None:
    assert _last_wins([(CAUSE, TALK), (CAUSE, MOVED)]) == ([(CAUSE, MOVED)], set())


def test_a_drop_takes_what_was_set_before_it_and_leaves_other_milestones() -> None:
    assert _last_wins([(CAUSE, TALK), (CAUSE, OTHER), (CAUSE, DROPPED)]) == ([(CAUSE, OTHER)], {("tandem/1", "talk")})


def test_what_is_set_after_a_drop_is_set() -> None:
    assert _last_wins([(CAUSE, DROPPED), (CAUSE, MOVED)]) == ([(CAUSE, MOVED)], {("tandem/1", "talk")})
