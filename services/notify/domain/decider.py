"""Notify's rules: emails that follow from messages, and acceptance of answers from pages. Pure: no clock, database or network.

Each kind of state has a module with its struct, `evolve` and its decisions. This module routes messages to them.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, assert_never, cast
from uuid import UUID

from services.notify.domain import contact_changes, emails, experts, organisations, private_data, proposals, tandems, vacancies
from services.notify.domain.effects import SaveContact, SaveText, SendEmail
from services.notify.domain.emails import EmailDelivery
from services.notify.domain.experts import Expert
from services.notify.domain.inputs import (
    ContactReplaced,
    EmailDelivered,
    EmailSkipped,
    EmailUndeliverable,
    Input,
    IntakeInput,
    LinkRequested,
    LocalInput,
    MatchingInput,
    MatchInput,
    PageAnswered,
    PrivateInput,
    RefusalInput,
    TandemInput,
)
from services.notify.domain.organisations import Organisation
from services.notify.domain.proposals import Proposal
from services.notify.domain.tandems import ReminderRecipients, Tandem
from services.notify.domain.vacancies import Vacancy
from shared.messages import coaching, intake, matching
from shared.messages.envelope import Envelope, Message
from shared.messages.ids import entity_key
from shared.messages.notify import CandidatePicked, EvaluationHeld, EvaluationMoved, ProposalAnswered
from shared.pipeline.decider import Decider, Effect
from shared.programme.policy import Policy

State = Organisation | Expert | Vacancy | Proposal | Tandem | EmailDelivery
STATE_TYPES: Mapping[str, type[State]] = {
    "organisation": Organisation,
    "expert": Expert,
    "vacancy": Vacancy,
    "match": Proposal,
    "tandem": Tandem,
    "email": EmailDelivery,
}
"""State type by the prefix of its entity keys."""
EVOLVE: Mapping[type[State], Callable[[Any, Message], State]] = {
    Organisation: organisations.evolve,
    Expert: experts.evolve,
    Vacancy: vacancies.evolve,
    Proposal: proposals.evolve,
    Tandem: tandems.evolve,
    EmailDelivery: emails.evolve,
}
S = TypeVar("S", bound=State)


def decider(policy: Policy) -> Decider[State]:
    """Compose the rules under this policy, whose reminder plan names the recipients of each stage (R132)."""
    reminder_recipients: ReminderRecipients = {step.stage: step.to for step in policy.evaluation_reminders}

    def decide(states: Mapping[str, State], incoming: Envelope[Any]) -> Iterable[Message | Effect]:
        return _decide(states, incoming, reminder_recipients)

    return Decider(initial_state, keys, decide, evolve)


def initial_state(key: str) -> State:
    return STATE_TYPES[key.partition("/")[0]](key)


def evolve(state: State, event: Message) -> State:
    return EVOLVE[type(state)](state, event)


def keys(message: Any) -> tuple[str, ...]:
    """Return the subject, followed by the vacancy, match or tandem that the message also touches."""
    match message:
        case matching.TandemFormed():
            return entity_key("vacancy", message.vacancy), entity_key("match", message.match), entity_key("tandem", message.tandem)
        case PageAnswered(reply=ProposalAnswered(match=match)) | matching.ReplyRefused(match=UUID() as match):
            return message.subject, entity_key("match", match)
        case matching.TandemExpertWithdrawn():
            return message.subject, entity_key("tandem", message.tandem), entity_key("vacancy", message.vacancy)
        case ContactReplaced(vacancy=UUID() as vacancy):
            return message.subject, entity_key("vacancy", vacancy)
        case _ if isinstance(message, MatchInput):
            return message.subject, entity_key("match", message.match)
        case _ if isinstance(message, TandemInput):
            return message.subject, entity_key("vacancy", message.vacancy)
        case _:
            return (message.subject,)


def _decide(
    states: Mapping[str, State], incoming: Envelope[Any], reminder_recipients: ReminderRecipients
) -> Iterable[Message | Effect]:
    """Return what follows from a message, by the group of inputs that it belongs to."""
    message: Input = incoming.data
    match message:
        case _ if isinstance(message, IntakeInput):
            return _decide_intake(states, incoming)
        case _ if isinstance(message, PrivateInput):
            return _store_private_data(message)
        case _ if isinstance(message, MatchingInput):
            return _decide_matching(states, incoming)
        case _ if isinstance(message, TandemInput):
            vacancy = _state(states, entity_key("vacancy", message.vacancy), Vacancy)
            return tandems.decide(_state(states, message.subject, Tandem), vacancy, incoming, reminder_recipients)
        case _ if isinstance(message, RefusalInput):
            return _decide_refusal(states, incoming)
        case _ if isinstance(message, LocalInput):
            return _decide_local(states, incoming)
        case _:
            assert_never(message)


def _decide_intake(states: Mapping[str, State], incoming: Envelope[Any]) -> Iterable[Message | Effect]:
    message: IntakeInput = incoming.data
    match message:
        case intake.OrganisationRegistered() | intake.ReadinessProgressed(vacancy=None) | intake.ReadinessCompleted(vacancy=None):
            return organisations.decide(_state(states, message.subject, Organisation), incoming)
        case intake.ReadinessProgressed() | intake.ReadinessCompleted() | intake.VacancyOpened():
            return ()
        case intake.ExpertRegistered() | intake.ExpertNotYetEligible():
            return experts.decide(_state(states, message.subject, Expert), incoming)
        case _:
            assert_never(message)


def _store_private_data(message: PrivateInput) -> Iterable[Effect]:
    match message:
        case intake.ContactChanged():
            return (SaveContact(message),)
        case intake.TextFiled():
            return (SaveText(message.about, message.field, message.text),)
        case intake.PrivateDataErased():
            return private_data.on_erased(message)
        case _:
            assert_never(message)


def _decide_matching(states: Mapping[str, State], incoming: Envelope[Any]) -> Iterable[Message | Effect]:
    message: MatchingInput = incoming.data
    match message:
        case matching.ShortlistDrawn():
            return vacancies.on_shortlist(_state(states, message.subject, Vacancy), incoming)
        case matching.MatchProposed():
            return proposals.on_proposed(incoming)
        case matching.MatchAnswered():
            return ()
        case matching.MatchDeclined() | matching.MatchExpired() | matching.MatchWithdrawn():
            return proposals.on_ended(incoming)
        case matching.TandemFormed():
            tandem = _state(states, entity_key("tandem", message.tandem), Tandem)
            return tandems.on_formed(tandem, _state(states, message.subject, Vacancy), incoming)
        case matching.TandemExpertWithdrawn():
            return tandems.on_expert_withdrawn(_state(states, entity_key("vacancy", message.vacancy), Vacancy), incoming)
        case _:
            assert_never(message)


def _decide_local(states: Mapping[str, State], incoming: Envelope[Any]) -> Iterable[Message | Effect]:
    message: LocalInput = incoming.data
    match message:
        case PageAnswered():
            return _decide_answer(states, incoming)
        case LinkRequested():
            return contact_changes.on_link_requested(incoming)
        case ContactReplaced():
            return contact_changes.on_contact_replaced(states, incoming)
        case EmailDelivered() | EmailUndeliverable() | EmailSkipped():
            return emails.decide(_state(states, message.subject, EmailDelivery), message)
        case _:
            assert_never(message)


def _decide_answer(states: Mapping[str, State], incoming: Envelope[PageAnswered]) -> Iterable[Message | Effect]:
    reply = incoming.data.reply
    match reply:
        case CandidatePicked():
            return vacancies.on_pick(_state(states, reply.subject, Vacancy), reply, incoming)
        case ProposalAnswered(match=match):
            return proposals.on_answer(_state(states, entity_key("match", match), Proposal), reply, incoming)
        case EvaluationHeld() | EvaluationMoved():
            return tandems.on_answer(_state(states, reply.subject, Tandem), reply, incoming)
        case _:
            assert_never(reply)


def _decide_refusal(states: Mapping[str, State], incoming: Envelope[Any]) -> Iterable[SendEmail]:
    refused: RefusalInput = incoming.data
    match refused:
        case coaching.ReplyRefused():
            return tandems.on_refused(_state(states, refused.subject, Tandem), incoming)
        case matching.ReplyRefused(match=UUID() as match):
            return proposals.on_refused(_state(states, entity_key("match", match), Proposal), incoming)
        case matching.ReplyRefused():
            return vacancies.on_refused(_state(states, refused.subject, Vacancy), incoming)
        case _:
            assert_never(refused)


def _state(states: Mapping[str, State], key: str, state_type: type[S]) -> S:
    """Return the state of this key; its type follows from the key's prefix."""
    return cast(S, states[key])
