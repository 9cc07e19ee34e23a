"""Coaching's decider: composes the rules of tandems, their start and their evaluation. Pure: no clock, database or Kafka."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, assert_never, cast
from uuid import UUID

from services.coaching.domain import evaluation, readiness, start, tandem
from services.coaching.domain.inputs import Input, Output
from services.coaching.domain.readiness import Readiness
from services.coaching.domain.tandem import Tandem
from shared.messages.envelope import Envelope, Message
from shared.messages.ids import entity_key
from shared.messages.intake import OrganisationRegistered, ReadinessCompleted, ReadinessProgressed, VacancyOpened
from shared.messages.matching import TandemFormed
from shared.messages.notify import CandidatePicked, EvaluationHeld, EvaluationMoved, ProposalAnswered, ReplyReceived
from shared.pipeline.decider import Decider
from shared.pipeline.timers import TimerDue
from shared.programme.policy import Policy

State = Tandem | Readiness
States = Mapping[str, State]


def decider(policy: Policy) -> Decider[State]:
    """Return the decider under one policy."""
    return Decider(initial_state, keys, partial(decide, policy), partial(evolve, policy))


def initial_state(key: str) -> State:
    """Return the state of an entity that no message has named yet."""
    prefix, _, id = key.partition("/")
    return Tandem(UUID(id)) if prefix == "tandem" else Readiness(key)


def keys(message: Input) -> tuple[str, ...]:
    """Return the keys that the message locks: those of the states that it reads or changes.

    At most one is a tandem, because `tandem.evolve` does not compare ids.
    """
    match message:
        case TandemFormed(tandem=id) | ReplyReceived(reply=EvaluationHeld(tandem=id) | EvaluationMoved(tandem=id)):
            return (entity_key("tandem", id),)
        case OrganisationRegistered() | VacancyOpened() | ReadinessProgressed() | ReadinessCompleted(gate="S"):
            return (message.subject,)
        case ReadinessCompleted() | ReplyReceived():
            return ()  # gate B opens vacancies, which is not coaching's concern; a reply for another service
        case TimerDue():
            return message.keys
        case _:
            assert_never(message)


def decide(policy: Policy, states: States, incoming: Envelope[Any]) -> Iterator[Output]:
    """Yield the outputs of the message; `states` are those before it."""
    message: Input = incoming.data
    now = incoming.time
    match message:
        case TandemFormed(tandem=id):
            if not _tandem(states, id).formed:
                yield from evaluation.schedule(policy, message, now)
                yield start.first_day_timer(message, message.starts_on)
        case TimerDue(milestone=start.MILESTONE):
            related = [cast(Readiness, states[key]) for key in message.related_keys]
            yield from start.start(policy, cast(Tandem, states[message.subject]), related, message, now)
        case TimerDue():
            yield from evaluation.send_reminder(cast(Tandem, states[message.subject]), message, now)
        case ReplyReceived():
            yield from _decide_reply(policy, states, incoming)
        case OrganisationRegistered() | VacancyOpened() | ReadinessProgressed() | ReadinessCompleted():
            pass  # stored by evolve, for the first day
        case _:
            assert_never(message)


def _decide_reply(policy: Policy, states: States, incoming: Envelope[ReplyReceived]) -> Iterator[Output]:
    """Apply a person's reply, or refuse it with a reason."""
    reply = incoming.data.reply
    match reply:
        case EvaluationHeld():
            yield from evaluation.complete(_tandem(states, reply.tandem), reply, incoming)
        case EvaluationMoved():
            yield from evaluation.move(policy, _tandem(states, reply.tandem), reply, incoming)
        case CandidatePicked() | ProposalAnswered():
            pass  # matching applies or refuses it
        case _:
            assert_never(reply)


def evolve(policy: Policy, state: State, event: Message) -> State:
    """Return the state after an event."""
    return tandem.evolve(policy, state, event) if isinstance(state, Tandem) else readiness.evolve(state, event)


def _tandem(states: States, id: UUID) -> Tandem:
    return cast(Tandem, states[entity_key("tandem", id)])
