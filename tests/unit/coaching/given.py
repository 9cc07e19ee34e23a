"""Starting points of the coaching tests, and a history of messages handled by its decider."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any, cast
from uuid import UUID

from deploy.stack.endpoints import POLICY as FILE
from services.coaching.domain.decider import State, decider
from services.coaching.domain.tandem import Tandem
from shared.messages.coaching import MoveReason, ReplyRefused
from shared.messages.code_lists import Role, Side
from shared.messages.envelope import Envelope, Message
from shared.messages.ids import deterministic_uuid, entity_key
from shared.messages.intake import ReadinessCompleted, ReadinessProgressed
from shared.messages.matching import TandemFormed
from shared.messages.notify import EvaluationHeld, EvaluationMoved, ReplyReceived
from shared.pipeline.decider import Effect, step
from shared.pipeline.timers import CancelTimers, ScheduleTimer, TimerDue
from shared.programme import policy

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


class History:
    """The states, messages and pending timers after a sequence of messages."""

    def __init__(self, rules: policy.Policy = POLICY) -> None:
        self.decider = decider(rules)
        self.states: dict[str, State] = {}
        self.published: list[Message] = []
        self.timers: dict[tuple[str, str], ScheduleTimer] = {}
        self.handled = 0

    def handle(self, message: Message, at: datetime = AGREED) -> list[Message]:
        """Handle one more message and return what is published."""
        self.handled += 1
        id = deterministic_uuid(UUID(int=1), str(self.handled))
        incoming: Envelope[Any] = Envelope(id=id, source="/test", subject=message.subject, time=at, data=message)
        for key in self.decider.keys(message):
            self.states.setdefault(key, self.decider.initial_state(key))
        published, effects = step(self.decider, self.states, incoming)
        self.published += published
        self._apply(effects)
        return published

    def _apply(self, effects: list[Effect]) -> None:
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
