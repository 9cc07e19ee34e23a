"""When a timer is due, and which of several effects in a batch win."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from shared.messages.envelope import Envelope
from shared.pipeline.timer_scheduler import last_wins
from shared.pipeline.timers import CancelTimers, ScheduleTimer, TimerDue

TALK = ScheduleTimer("tandem/1", "talk", "invitation", "expert", date(2027, 3, 1), "Europe/Brussels")
RESCHEDULED = ScheduleTimer("tandem/1", "talk", "invitation", "expert", date(2027, 3, 8), "Europe/Brussels")
OTHER = ScheduleTimer("tandem/1", "start", "first_day", "expert", date(2027, 3, 1), "Europe/Brussels")
CANCELLED = CancelTimers("tandem/1", "talk")
CAUSE = Envelope(
    id=UUID(int=1),
    source="/test",
    subject="tandem/1",
    time=datetime(2027, 1, 1, tzinfo=UTC),
    data=TimerDue(subject="tandem/1", milestone="talk", step="invitation", recipient="expert", day=TALK.day),
)


@pytest.mark.parametrize(("day", "hour"), [(date(2027, 3, 27), 8), (date(2027, 3, 28), 7)])
def test_timer_is_due_at_nine_in_the_morning_local_time(day: date, hour: int) -> None:
    timer = ScheduleTimer("tandem/1", "talk", "invitation", "expert", day, "Europe/Brussels")

    assert timer.due_at == datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def test_last_scheduled_day_wins() -> None:
    assert last_wins([(CAUSE, TALK), (CAUSE, RESCHEDULED)]) == ([(CAUSE, RESCHEDULED)], set())


def test_cancellation_removes_earlier_timers_of_its_milestone_only() -> None:
    assert last_wins([(CAUSE, TALK), (CAUSE, OTHER), (CAUSE, CANCELLED)]) == ([(CAUSE, OTHER)], {("tandem/1", "talk")})


def test_timer_scheduled_after_a_cancellation_remains() -> None:
    assert last_wins([(CAUSE, CANCELLED), (CAUSE, RESCHEDULED)]) == ([(CAUSE, RESCHEDULED)], {("tandem/1", "talk")})
