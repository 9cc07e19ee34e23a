"""What is due later: asked for as an effect, heard as a message, at nine in the morning of a local date. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import ClassVar
from zoneinfo import ZoneInfo

from shared.messages.envelope import Message
from shared.pipeline.decider import Effect

FIRE_TIME = time(9)


@dataclass(frozen=True, slots=True)
class ScheduleTimer(Effect):
    """Asks for a `TimerDue` on the morning of `day` in `zone`. Unique by all but day, zone and touches: set again, it moves.

    `step` is one of the milestone's chain: of several that are due only the latest goes out. `touches` are the other states
    that the message will name besides `about`.
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
        return datetime.combine(self.day, FIRE_TIME, ZoneInfo(self.zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class CancelTimers(Effect):
    """What is pending of this milestone will not happen."""

    subject: str
    milestone: str


class TimerDue(Message, frozen=True):
    """A timer's day has come. To this service itself; it never travels."""

    kind: ClassVar[str] = "tandem.own.timer-due.v1"
    subject: str
    milestone: str
    step: str
    recipient: str
    day: date
    related_keys: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """All states that it names, `subject` first."""
        return self.subject, *self.related_keys
