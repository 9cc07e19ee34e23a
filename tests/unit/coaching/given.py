"""Starting points of the coaching tests, and a history of messages handled by its decider."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import cast
from uuid import UUID

from deploy.stack.endpoints import POLICY as FILE
from services.coaching.domain.decider import State, decider
from services.coaching.domain.tandem import Tandem
from shared.messages.coaching import MoveReason, ReplyRefused
from shared.messages.code_lists import Role, Side
from shared.messages.envelope import Message
from shared.messages.ids import entity_key
from shared.messages.intake import ReadinessCompleted, ReadinessProgressed
from shared.messages.matching import TandemFormed
from shared.messages.notify import EvaluationHeld, EvaluationMoved, ReplyReceived
from shared.pipeline.decider import Effect
from shared.pipeline.timers import CancelTimers, ScheduleTimer, TimerDue
from shared.programme import policy
from tests.support.decider_history import DeciderHistory

POLICY = policy.load_policy(FILE)
AGREED = datetime(2027, 2, 10, 9, tzinfo=UTC)
TANDEM, VACANCY, ORGANISATION, ANNA = UUID(int=40), UUID(int=10), UUID(int=30), UUID(int=20)
IDS = (TANDEM, VACANCY, ORGANISATION, ANNA)
FORMED = TandemFormed(
    match=UUID(int=50),
    vacancy=VACANCY,
    organisation=ORGANISATION,
    expert=ANNA,
    tandem=TANDEM,
    tandem_form="fixed_one_to_one",
    starts_on=date(2027, 3, 1),
    zone="Europe/Brussels",
    language="nl-BE",
)
ORGANISATION_READY = ReadinessCompleted(ORGANISATION, None, "S")
VACANCY_READY = ReadinessCompleted(ORGANISATION, VACANCY, "S")


class History(DeciderHistory[State]):
    """A history of coaching, with its pending timers."""

    def __init__(self, rules: policy.Policy = POLICY) -> None:
        super().__init__(decider(rules), AGREED)
        self.timers: dict[tuple[str, str], ScheduleTimer] = {}

    def apply(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, ScheduleTimer):
                self.timers[effect.milestone, effect.step] = effect
            if isinstance(effect, CancelTimers):
                self.timers = {key: timer for key, timer in self.timers.items() if timer.milestone != effect.milestone}

    def fire(self, step: str, at: datetime | None = None) -> list[Message]:
        """Fire the pending timer of a step, when it is due or at a later moment."""
        timer = self.timers.pop((self.pending[step].milestone, step))
        return self.handle(due(timer), at or timer.due_at)

    @property
    def pending(self) -> Mapping[str, ScheduleTimer]:
        """Pending timers by step; no step is pending twice."""
        by_step = {step: timer for (_, step), timer in self.timers.items()}
        assert len(by_step) == len(self.timers)
        return by_step

    @property
    def reminders(self) -> Mapping[str, date]:
        """Days of the pending steps of the reminder plan."""
        return {step: timer.day for step, timer in self.pending.items() if step != "first_day"}

    @property
    def tandem(self) -> Tandem:
        return cast(Tandem, self.states[entity_key("tandem", TANDEM)])


def due(timer: ScheduleTimer) -> TimerDue:
    return TimerDue(timer.subject, timer.milestone, timer.step, timer.recipient, timer.day, timer.related_keys)


def formed(message: TandemFormed = FORMED, at: datetime = AGREED) -> History:
    history = History()
    history.handle(message, at)
    return history


def started(message: TandemFormed = FORMED) -> History:
    """A tandem that started on the agreed day."""
    return start(formed(message))


def start(history: History, at: datetime | None = None) -> History:
    """Report that nothing is missing, and fire the timer of the first day."""
    history.handle(ORGANISATION_READY)
    history.handle(VACANCY_READY)
    history.fire("first_day", at)
    return history


def progressed(*missing_s: str, vacancy: UUID | None = None, missing_b: tuple[str, ...] = ()) -> ReadinessProgressed:
    return ReadinessProgressed(ORGANISATION, vacancy, missing_b=missing_b, missing_s=missing_s)


def held_reply(day: date, side: Side = "expert", role: Role | None = None) -> ReplyReceived:
    return ReplyReceived(role or ("expert" if side == "expert" else "coordinator"), EvaluationHeld(TANDEM, side, day))


def moved_reply(to: date, at: time | None = None, reason: MoveReason = "agenda", side: Side = "organisation") -> ReplyReceived:
    return ReplyReceived("expert" if side == "expert" else "coordinator", EvaluationMoved(TANDEM, side, to, at, reason))


def morning(day: date) -> datetime:
    return datetime.combine(day, time(10), UTC)


def refusal(published: list[Message]) -> str:
    """Return the reason of the refusal that was published, and nothing else was."""
    (refused,) = published
    assert isinstance(refused, ReplyRefused)
    return refused.reason
