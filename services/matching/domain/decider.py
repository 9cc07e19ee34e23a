"""Matching's decider: composes the rules of vacancies, experts and proposals. Pure: no clock, database or Kafka."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Final, assert_never, cast
from uuid import UUID

from services.matching.domain import expert, proposals, vacancy
from services.matching.domain.expert import Expert
from services.matching.domain.inputs import Input, Output, ShortlistComputed
from services.matching.domain.vacancy import Vacancy
from shared.messages.envelope import Envelope, Message
from shared.messages.ids import entity_key
from shared.messages.intake import ExpertNotYetEligible, ExpertRegistered, VacancyOpened
from shared.messages.matching import ExpertPlaced
from shared.messages.notify import CandidatePicked, EvaluationHeld, EvaluationMoved, ProposalAnswered, ReplyReceived
from shared.pipeline.decider import Decider
from shared.pipeline.timers import TimerDue
from shared.programme.policy import Policy

State = Vacancy | Expert
States = Mapping[str, State]

STORED_STATES: Final[Mapping[str, type[State]]] = {"vacancy": Vacancy, "expert": Expert}
"""State types by the prefix of their entity keys."""


def decider(policy: Policy) -> Decider[State]:
    """Return the decider under one policy."""
    return Decider(initial_state, keys, partial(decide, policy), partial(evolve, policy))


def initial_state(key: str) -> State:
    """Return the state of an entity that no message has named yet."""
    prefix, _, id = key.partition("/")
    return STORED_STATES[prefix](UUID(id))


def keys(message: Input) -> tuple[str, ...]:
    """Return the keys that the message locks: those of the states that it reads or changes, the subject first.

    At most one vacancy, one expert and their possible duplicates."""
    match message:
        case ExpertNotYetEligible() | VacancyOpened() | ShortlistComputed():
            return (message.subject,)
        case ExpertRegistered():
            return message.subject, *_expert_keys((*message.possible_duplicate_of, *message.no_longer_duplicate_of))
        case ReplyReceived(reply=CandidatePicked() as reply):
            return entity_key("vacancy", reply.vacancy), *_expert_keys((reply.expert, *reply.possible_duplicate_of))
        case ReplyReceived(reply=ProposalAnswered() as reply):
            return entity_key("vacancy", reply.vacancy), entity_key("expert", reply.expert)
        case ReplyReceived():
            return ()  # a reply for coaching
        case ExpertPlaced():
            return entity_key("expert", message.expert), entity_key("vacancy", message.other_vacancy)
        case TimerDue():
            return message.keys
        case _:
            assert_never(message)


def decide(policy: Policy, states: States, incoming: Envelope[Any]) -> Iterator[Output]:
    """Yield the outputs of the message; `states` are those before it."""
    message: Input = incoming.data
    match message:
        case VacancyOpened() | ShortlistComputed():
            yield from vacancy.decide(_vacancy(states, message.vacancy), message)
        case ExpertRegistered() | ExpertNotYetEligible():
            yield from expert.decide(_expert(states, message.expert), _possible_duplicates(states, message), message)
        case ReplyReceived():
            yield from _decide_reply(policy, states, incoming)
        case ExpertPlaced():
            yield from proposals.withdraw(_vacancy(states, message.other_vacancy), message)
        case TimerDue():
            yield from proposals.expire(cast(Vacancy, states[message.subject]), message)
        case _:
            assert_never(message)


def _decide_reply(policy: Policy, states: States, incoming: Envelope[ReplyReceived]) -> Iterator[Output]:
    """Apply a person's reply, or refuse it with a reason."""
    reply = incoming.data.reply
    match reply:
        case CandidatePicked():
            shown = [_expert(states, id) for id in reply.possible_duplicate_of]
            yield from proposals.pick(
                policy, _vacancy(states, reply.vacancy), _expert(states, reply.expert), shown, reply, incoming
            )
        case ProposalAnswered():
            yield from proposals.answer(_vacancy(states, reply.vacancy), _expert(states, reply.expert), reply, incoming)
        case EvaluationHeld() | EvaluationMoved():
            pass  # coaching applies or refuses it
        case _:
            assert_never(reply)


def evolve(policy: Policy, state: State, event: Message) -> State:
    """Return the state after an event."""
    return vacancy.evolve(policy, state, event) if isinstance(state, Vacancy) else expert.evolve(policy, state, event)


def _possible_duplicates(states: States, message: ExpertRegistered | ExpertNotYetEligible) -> list[Expert]:
    ids = message.possible_duplicate_of if isinstance(message, ExpertRegistered) else ()
    return [_expert(states, id) for id in ids]


def _expert_keys(ids: Iterable[UUID]) -> Iterator[str]:
    return (entity_key("expert", id) for id in dict.fromkeys(ids))


def _vacancy(states: States, id: UUID) -> Vacancy:
    return cast(Vacancy, states[entity_key("vacancy", id)])


def _expert(states: States, id: UUID) -> Expert:
    return cast(Expert, states[entity_key("expert", id)])
