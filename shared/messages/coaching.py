"""Messages published by coaching: the exploration phase, the fixed evaluation after three months and its reminders."""

from datetime import date, time
from typing import ClassVar, Literal
from uuid import UUID

from shared.messages.code_lists import Role, Side
from shared.messages.envelope import Message
from shared.messages.ids import entity_key

Stage = Literal["invitation", "reminder_7", "reminder_1", "coordinator", "advice_team", "lead"]
MoveReason = Literal["illness", "start_slipped", "agenda", "other"]
EvaluationRefusal = Literal["not_allowed", "not_scheduled", "not_started", "already_held", "date"]


class _CoachingMessage(Message, frozen=True):
    default_topic: ClassVar[str] = "tandem.coaching"
    tandem: UUID
    vacancy: UUID
    organisation: UUID
    expert: UUID

    @property
    def subject(self) -> str:
        return entity_key("tandem", self.tandem)


class ExplorationStarted(_CoachingMessage, frozen=True):
    """The first working day has come and gates B and S are met: exploration without output targets begins (R127-R131)."""

    kind: ClassVar[str] = "tandem.coaching.exploration-started.v1"
    started_on: date


class StartWaiting(_CoachingMessage, frozen=True):
    """The first working day has come, but required readiness items are still open.

    `missing_items`: sorted codes of the open items of the organisation and the vacancy together, of gate S, and of gate B if it has
    reopened."""

    kind: ClassVar[str] = "tandem.coaching.start-waiting.v1"
    starts_on: date
    missing_items: tuple[str, ...]


class EvaluationScheduled(_CoachingMessage, frozen=True):
    """The fixed evaluation was scheduled or moved (R132): a local date, a local time if people chose one, and their zone.

    `sequence` grows with each move, as in iCalendar. A late start moves it too (`start_slipped`) and drops the time."""

    kind: ClassVar[str] = "tandem.coaching.evaluation-scheduled.v1"
    on: date
    at: time | None
    zone: str
    sequence: int
    move_reason: MoveReason | None


class EvaluationDue(_CoachingMessage, frozen=True):
    """A step of the reminder plan is due. `on` is the date of the evaluation."""

    kind: ClassVar[str] = "tandem.coaching.evaluation-due.v1"
    stage: Stage
    on: date
    at: time | None
    zone: str
    sequence: int


class EvaluationCompleted(_CoachingMessage, frozen=True):
    """One side reported that the evaluation was held; the reminders stop."""

    kind: ClassVar[str] = "tandem.coaching.evaluation-completed.v1"
    side: Side
    held_on: date


class ReplyRefused(Message, frozen=True):
    """A person's reply (the id of its `reply-received`) changed nothing, and why; the person in that role gets an email.

    `day` is the date that the reply named: the one on which the evaluation was `held`, or to which it was to be `moved`.
    `earliest` and `latest`: the days allowed, if `reason` is `date` and there are any; otherwise None.
    `nth` numbers people with the same role from 0."""

    kind: ClassVar[str] = "tandem.coaching.reply-refused.v1"
    default_topic: ClassVar[str] = "tandem.coaching"
    reply: UUID
    role: Role
    nth: int
    tandem: UUID
    action: Literal["held", "moved"]
    day: date
    reason: EvaluationRefusal
    earliest: date | None = None
    latest: date | None = None

    @property
    def subject(self) -> str:
        return entity_key("tandem", self.tandem)


KINDS: tuple[type[Message], ...] = (
    ExplorationStarted,
    StartWaiting,
    EvaluationScheduled,
    EvaluationDue,
    EvaluationCompleted,
    ReplyRefused,
)
