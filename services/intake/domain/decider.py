"""What follows from a partner's record, and what intake remembers of it. Pure: no clock, no database, no bus.

Each record leads to exactly one receipt. A state takes a submission only when that receipt says accepted: until then it stands
`Offered` before the state, and a refusal leaves the state as it was.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import assert_never

import msgspec

from services.intake.domain import expert, organisation, readiness, receipts, vacancy
from services.intake.domain.inputs import (
    ExpertSubmitted,
    Input,
    OrganisationSubmitted,
    ReadinessReported,
    RecordRejected,
    Submitted,
    VacancySubmitted,
)
from services.intake.domain.states import (
    Absent,
    AcceptedEvent,
    Expert,
    Organisation,
    PendingSubmission,
    State,
    StoredState,
    Vacancy,
)
from shared.messages.envelope import Envelope, Message
from shared.messages.intake import ExpertNotYetEligible, Receipt, VacancyOpened
from shared.pipeline.decider import Decider
from shared.programme.policy import Policy


def decider(policy: Policy) -> Decider[State]:
    """Intake's rules under the programme's choices."""
    return Decider(Absent, keys, partial(decide, policy), partial(evolve, policy))


def keys(message: Input) -> tuple[str, ...]:
    """Every state that a record may touch: what it is about, what it refers to, the ledger of accepted events."""
    return message.keys


def decide(policy: Policy, states: Mapping[str, State], heard: Envelope[Input]) -> Iterator[Message]:
    """The receipt first, and what follows from an accepted submission."""
    message = heard.data
    if isinstance(message, RecordRejected):
        yield receipts.rejected(message, message.problem)
        return
    filed = states[message.ledger]
    if isinstance(filed, AcceptedEvent):
        same = filed.digest == message.arrival.digest
        yield receipts.duplicate(message, filed.tandem_id) if same else receipts.conflict(message)
        return
    match message:
        case OrganisationSubmitted():
            yield from organisation.decide(policy, _settled(states, message), message)
        case ReadinessReported():
            yield from readiness.decide(states, message)
        case ExpertSubmitted():
            yield from expert.decide(policy, _settled(states, message), message, heard.time)
        case VacancySubmitted():
            yield from vacancy.decide(policy, states, message, heard.time)
        case _:
            assert_never(message)


def evolve(policy: Policy, state: State, fact: Message) -> State:
    """What a state remembers of what was heard and said."""
    if isinstance(state, PendingSubmission):
        return _apply_receipt(policy, state, fact)
    if isinstance(fact, Submitted):
        return PendingSubmission(state, fact)
    if isinstance(fact, ExpertNotYetEligible) and isinstance(state, Expert):
        return msgspec.structs.replace(state, missing=fact.missing)
    return state


def _apply_receipt(policy: Policy, offered: PendingSubmission, fact: Message) -> State:
    match fact:
        case Receipt(outcome="accepted"):
            return _accept(policy, offered.was, offered.submission, fact)
        case Receipt():
            return offered.was
        case VacancyOpened() if isinstance(offered.submission, VacancySubmitted):
            return vacancy.accept(policy, offered.submission, fact.organisation)
        case _:
            return offered


def _settled(states: Mapping[str, State], message: Submitted) -> StoredState:
    state = states[message.subject]
    assert not isinstance(state, PendingSubmission)
    return state


def _accept(policy: Policy, was: StoredState, submission: Submitted, receipt: Receipt) -> State:
    """The state after an accepted submission; of all that the submission touches, the receipt says which one it is about.

    A vacancy waits for the fact that it was opened, which says whose it is.
    """
    if was.key == submission.ledger and receipt.tandem_id:
        return AcceptedEvent(was.key, submission.arrival.digest, receipt.tandem_id)
    if was.key != receipt.about:
        return was
    match submission:
        case OrganisationSubmitted():
            return organisation.accept(policy, was, submission)
        case ReadinessReported():
            return readiness.accept(was, submission) if isinstance(was, Organisation | Vacancy) else was
        case ExpertSubmitted():
            return expert.accept(policy, was, submission)
        case VacancySubmitted():
            return PendingSubmission(was, submission)
        case _:
            assert_never(submission)
