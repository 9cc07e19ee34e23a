"""What coaching hears, decides and remembers. Pure: no clock, no database, no bus."""

from collections.abc import Iterator, Mapping
from typing import Final, assert_never, cast
from uuid import UUID

from msgspec.structs import replace

from services.coaching.domain import evaluation, start
from services.coaching.domain.states import Evaluation, Readiness, State, Tandem
from shared.messages.coaching import EvaluationCompleted, EvaluationDue, EvaluationScheduled, ExplorationStarted, StartWaiting
from shared.messages.code_lists import Role, Side
from shared.messages.envelope import Envelope, Message, entity_key
from shared.messages.intake import OrganisationRegistered, ReadinessCompleted, ReadinessProgressed, VacancyOpened
from shared.messages.matching import TandemFormed
from shared.messages.notify import EvaluationHeld, EvaluationMoved, ReplyReceived
from shared.pipeline.decider import Decider, Effect
from shared.pipeline.timers import TimerDue
from shared.programme.policy import Policy

Input = TandemFormed | OrganisationRegistered | VacancyOpened | ReadinessProgressed | ReadinessCompleted | ReplyReceived | TimerDue
Output = EvaluationScheduled | EvaluationDue | EvaluationCompleted | ExplorationStarted | StartWaiting

SPEAKS_FOR: Final[Mapping[Role, Side]] = {"expert": "expert", "coordinator": "organisation", "partner": "organisation"}


def decider(policy: Policy) -> Decider[State]:
    """Coaching's rules under a programme's choices."""

    def decide(states: Mapping[str, State], heard: Envelope[Input]) -> Iterator[Output | Effect]:
        return _decide(policy, states, heard)

    def evolve(state: State, fact: Message) -> State:
        return _tandem_after(policy, state, fact) if isinstance(state, Tandem) else _readiness_after(state, fact)

    return Decider(initial_state, keys, decide, evolve)


def initial_state(key: str) -> State:
    """Nothing is known yet."""
    kind, _, id = key.partition("/")
    return Tandem(UUID(id)) if kind == "tandem" else Readiness(key)


def keys(message: Input) -> tuple[str, ...]:
    """A reply that is for another service, and a gate that is not before the first day, touch nothing."""
    match message:
        case TandemFormed(tandem=id) | ReplyReceived(reply=EvaluationHeld(tandem=id) | EvaluationMoved(tandem=id)):
            return (entity_key("tandem", id),)
        case OrganisationRegistered() | VacancyOpened() | ReadinessProgressed() | ReadinessCompleted(gate="S"):
            return (message.subject,)
        case ReadinessCompleted() | ReplyReceived():
            return ()
        case TimerDue():
            return message.keys
        case _:
            assert_never(message)


def _decide(policy: Policy, states: Mapping[str, State], heard: Envelope[Input]) -> Iterator[Output | Effect]:
    """What follows from the message, seen from before it happened."""
    message, at = heard.data, heard.time
    match message:
        case TandemFormed(tandem=id):
            if not _tandem(states, id).formed:
                yield from evaluation.schedule(policy, message, at)
                yield start.first_day(message)
        case TimerDue(milestone=start.MILESTONE, subject=about):
            places = [cast(Readiness, states[touched]) for touched in message.related_keys]
            yield from start.begin(policy, cast(Tandem, states[about]), places, message, at)
        case TimerDue(subject=about):
            yield from evaluation.send_reminder(cast(Tandem, states[about]), message, at)
        case ReplyReceived(role=role, reply=EvaluationHeld(tandem=id, side=side) as told) if SPEAKS_FOR.get(role) == side:
            yield from evaluation.held(_tandem(states, id), told, at)
        case ReplyReceived(role=role, reply=EvaluationMoved(tandem=id, side=side) as told) if SPEAKS_FOR.get(role) == side:
            yield from evaluation.move(policy, _tandem(states, id), told, at)
        case ReplyReceived():
            pass  # another service's, or not this role's to say
        case OrganisationRegistered() | VacancyOpened() | ReadinessProgressed() | ReadinessCompleted():
            pass  # remembered for the first day
        case _:
            assert_never(message)


def _tandem(states: Mapping[str, State], id: UUID) -> Tandem:
    return cast(Tandem, states[entity_key("tandem", id)])


def _tandem_after(policy: Policy, state: Tandem, fact: Message) -> Tandem:
    if getattr(fact, "tandem", None) != state.tandem:
        return state
    match fact:
        case TandemFormed():
            return replace(state, formed=state.formed or fact)
        case EvaluationScheduled():
            return replace(state, policy=policy.version, evaluation=Evaluation(fact.on, fact.at, fact.zone, fact.sequence))
        case EvaluationDue(stage="invitation"):
            return replace(state, invited=True)
        case EvaluationCompleted() if state.evaluation:
            return replace(state, evaluation=replace(state.evaluation, held_on=fact.held_on))
        case StartWaiting():
            return replace(state, waits=True)
        case ExplorationStarted():
            return replace(state, exploring_since=fact.started_on)
        case _:
            return state


def _readiness_after(state: Readiness, fact: Message) -> Readiness:
    match fact:
        case OrganisationRegistered() | ReadinessProgressed() if fact.subject == state.about:
            return replace(state, missing_b=fact.missing_b, missing_s=fact.missing_s)
        case VacancyOpened() if fact.subject == state.about:
            return replace(state, missing_s=fact.missing_s)  # what it misses of B follows in `readiness-progressed`
        case ReadinessCompleted(gate="S") if fact.subject == state.about:
            return replace(state, missing_b=(), missing_s=())  # it is met with all of B and S
        case _:
            return state
