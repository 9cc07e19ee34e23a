"""What the tests of coaching start from, and its rules told one message after the other."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast
from uuid import UUID

from deploy.stack.endpoints import POLICY as FILE
from services.coaching.domain.decider import decider
from services.coaching.domain.states import State, Tandem
from shared.messages.coaching import MoveReason
from shared.messages.code_lists import Role, Side
from shared.messages.envelope import Envelope, Message, deterministic_uuid, entity_key
from shared.messages.intake import ReadinessCompleted, ReadinessProgressed
from shared.messages.matching import TandemFormed
from shared.messages.notify import EvaluationHeld, EvaluationMoved, ReplyReceived
from shared.pipeline.decider import Effect, step
from shared.pipeline.timers import CancelTimers, ScheduleTimer, TimerDue
from shared.programme import policy

POLICY = policy.load_policy(FILE)
AGREED = datetime(2027, 2, 10, 9, tzinfo=UTC)
PAIR, PLACE, HOUSE, ANNA = UUID(int=40), UUID(int=10), UUID(int=30), UUID(int=20)
IDS = (PAIR, PLACE, HOUSE, ANNA)
FORMED = TandemFormed(
    match=UUID(int=50),
    vacancy=PLACE,
    organisation=HOUSE,
    expert=ANNA,
    tandem=PAIR,
    tandem_form="fixed_one_to_one",
    starts_on=date(2027, 3, 1),
    zone="Europe/Brussels",
    language="nl-BE",
)
ORGANISATION_READY = ReadinessCompleted(HOUSE, None, "S")
VACANCY_READY = ReadinessCompleted(HOUSE, PLACE, "S")


class History:
    """What has happened so far; `tell` one more message and see what follows. Timers are kept as the table keeps them."""

    def __init__(self, rules: policy.Policy = POLICY) -> None:
        self.decider = decider(rules)
        self.states: dict[str, State] = {}
        self.said: list[Message] = []
        self.timers: dict[tuple[str, str], ScheduleTimer] = {}
        self.nth = 0

    def tell(self, message: Message, at: datetime = AGREED) -> list[Message]:
        """What is said to this message."""
        self.nth += 1
        id = deterministic_uuid(UUID(int=1), str(self.nth))
        heard: Envelope[Any] = Envelope(id=id, source="/test", subject=message.subject, time=at, data=message)
        for touched in self.decider.keys(message):
            self.states.setdefault(touched, self.decider.initial_state(touched))
        said, effects = step(self.decider, self.states, heard)
        self.said += said
        self._keep(effects)
        return said

    def _keep(self, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, ScheduleTimer):
                self.timers[effect.milestone, effect.step] = effect
            if isinstance(effect, CancelTimers):
                self.timers = {name: timer for name, timer in self.timers.items() if timer.milestone != effect.milestone}

    def rings(self, step: str, at: datetime | None = None) -> list[Message]:
        """A pending timer's morning has come; or it is let out later, after a pause."""
        timer = self.timers.pop((self.pending[step].milestone, step))
        return self.tell(due(timer), at or timer.due_at)

    @property
    def pending(self) -> Mapping[str, ScheduleTimer]:
        """The timers still to come, by step; no step is ever waited for twice."""
        by_step = {step: timer for (_, step), timer in self.timers.items()}
        assert len(by_step) == len(self.timers)
        return by_step

    @property
    def chain(self) -> Mapping[str, date]:
        """The days on which the steps of the chase are still to come."""
        return {step: timer.day for step, timer in self.pending.items() if step != "first_day"}

    @property
    def tandem(self) -> Tandem:
        return cast(Tandem, self.states[entity_key("tandem", PAIR)])


def due(timer: ScheduleTimer) -> TimerDue:
    return TimerDue(timer.subject, timer.milestone, timer.step, timer.recipient, timer.day, timer.related_keys)


def formed(message: TandemFormed = FORMED, at: datetime = AGREED) -> History:
    history = History()
    history.tell(message, at)
    return history


def begun(message: TandemFormed = FORMED) -> History:
    """A pair that began on the agreed day."""
    return begins(formed(message))


def begins(history: History, at: datetime | None = None) -> History:
    """All is ready for the first day, and it comes."""
    history.tell(ORGANISATION_READY)
    history.tell(VACANCY_READY)
    history.rings("first_day", at)
    return history


def missing(*items: str, vacancy: UUID | None = None, b: tuple[str, ...] = ()) -> ReadinessProgressed:
    return ReadinessProgressed(HOUSE, vacancy, missing_b=b, missing_s=items)


def held(day: date, side: Side = "expert", role: Role | None = None) -> ReplyReceived:
    return ReplyReceived(role or ("expert" if side == "expert" else "coordinator"), EvaluationHeld(PAIR, side, day))


def moved(to: date, at: time | None = None, reason: MoveReason = "agenda", side: Side = "organisation") -> ReplyReceived:
    return ReplyReceived("expert" if side == "expert" else "coordinator", EvaluationMoved(PAIR, side, to, at, reason))


def morning(day: date) -> datetime:
    return datetime.combine(day, time(10), UTC)


def after(day: date, days: int) -> date:
    return day + timedelta(days=days)
