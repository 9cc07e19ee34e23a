"""Timers, as a decider sees them: it schedules them as effects, and they return as `TimerDue` messages. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import ClassVar
from zoneinfo import ZoneInfo

from shared.messages.envelope import Message
from shared.pipeline.decider import Effect

FIRE_TIME = time(9)
"""Timers fire at this local time."""


@dataclass(frozen=True, slots=True)
class ScheduleTimer(Effect):
    """Schedule a `TimerDue` for the morning of the local date `day` in `zone`.

    A timer is identified by subject, milestone, step and recipient; scheduled again, it is rescheduled. If several steps of a
    milestone are due at once, only the latest fires. `related_keys` are the keys that the message locks besides its subject.
    """

    subject: str
    milestone: str
    step: str
    recipient: str
    day: date
    zone: str
    related_keys: tuple[str, ...] = ()

    @property
    def due_at(self) -> datetime:
        """The time at which it fires, in UTC."""
        return datetime.combine(self.day, FIRE_TIME, ZoneInfo(self.zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class CancelTimers(Effect):
    """Cancel all pending timers of a milestone."""

    subject: str
    milestone: str


class TimerDue(Message, frozen=True):
    """A timer fired. A local input of the service that scheduled it."""

    kind: ClassVar[str] = "tandem.local.timer-due.v1"
    subject: str
    milestone: str
    step: str
    recipient: str
    day: date
    related_keys: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The entity keys that it locks: its subject and the related ones."""
        return self.subject, *self.related_keys
