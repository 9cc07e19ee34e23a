"""Intake's decider: composes the rules of all submissions. Pure: no clock, database or Kafka.

Each record leads to exactly one receipt. Only an accepted submission changes a state: it leads to one `SubmissionAccepted`, which
is stored and not published.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import assert_never

from services.intake.domain import expert, organisation, readiness, receipts, vacancy
from services.intake.domain.expert import Expert, ExpertSubmitted
from services.intake.domain.inputs import Input
from services.intake.domain.organisation import Organisation, OrganisationSubmitted
from services.intake.domain.readiness import ReadinessReported
from services.intake.domain.states import Absent, AcceptedEvent, KeyedState, Person
from services.intake.domain.submission import Output, RecordRejected, SubmissionAccepted
from services.intake.domain.vacancy import Vacancy, VacancySubmitted
from services.intake.identity import Identify
from shared.messages.envelope import Envelope
from shared.pipeline.decider import Decider
from shared.programme.policy import Policy

STORED_STATES: Mapping[str, type[KeyedState]] = {
    "organisation": Organisation,
    "vacancy": Vacancy,
    "expert": Expert,
    "person": Person,
    "accepted-event": AcceptedEvent,
}
"""State types by the prefix of their entity keys."""


def decider(policy: Policy, identify: Identify) -> Decider[KeyedState]:
    """The decider under one policy. `identify` recognises a person under two ids."""
    return Decider(Absent, partial(keys, identify), partial(decide, policy, identify), evolve)


def keys(identify: Identify, message: Input) -> tuple[str, ...]:
    """The keys of every state that the message locks."""
    return (*message.keys, message.person(identify)) if isinstance(message, ExpertSubmitted) else message.keys


def decide(policy: Policy, identify: Identify, states: Mapping[str, KeyedState], incoming: Envelope[Input]) -> Iterator[Output]:
    """Yield the receipt, then the messages that follow from an accepted submission."""
    message = incoming.data
    if isinstance(message, RecordRejected):
        yield receipts.rejected(message, message.problem)
        return
    known = states[message.dedup_key]
    if isinstance(known, AcceptedEvent):
        same = known.digest == message.record.digest
        yield receipts.duplicate(message, known.tandem_id) if same else receipts.conflict(message)
        return
    match message:
        case OrganisationSubmitted():
            yield from organisation.decide(policy, states[message.subject], message, incoming.time)
        case ReadinessReported():
            yield from readiness.decide(states, message)
        case ExpertSubmitted():
            person = states[message.person(identify)]
            yield from expert.decide(policy, states[message.subject], person, message, incoming.time)
        case VacancySubmitted():
            yield from vacancy.decide(policy, identify, states, message, incoming.time)
        case _:
            assert_never(message)


def evolve(state: KeyedState, event: object) -> KeyedState:
    """Return `state` after an event: it changes when a submission about it, or with its deduplication key, is accepted."""
    if not isinstance(event, SubmissionAccepted):
        return state
    if state.key == event.state.key:
        return event.state
    if state.key == event.person:
        return expert.with_expert(state, event.state.id)
    return AcceptedEvent(state.key, event.digest, event.state.id) if state.key == event.dedup_key else state
