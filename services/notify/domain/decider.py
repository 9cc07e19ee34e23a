"""Which fact leads to which letter, and which answer of a page still holds. Pure: no clock, no database, no bus."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, assert_never, cast

from services.notify.domain import emails, experts, organisations, proposals, tandems, vacancies
from services.notify.domain.effects import SaveContact, SaveText
from services.notify.domain.emails import EmailDelivery
from services.notify.domain.experts import Expert
from services.notify.domain.inputs import EmailDelivered, EmailRejected, EmailSkipped, Input, OfMatch, OfTandem, PageAnswered
from services.notify.domain.organisations import Organisation
from services.notify.domain.proposals import Proposal
from services.notify.domain.tandems import ReminderRecipients, Tandem
from services.notify.domain.vacancies import Vacancy
from shared.messages import intake, matching
from shared.messages.envelope import Envelope, Message, entity_key
from shared.messages.notify import CandidatePicked, ProposalAnswered
from shared.pipeline.decider import Decider, Effect
from shared.programme.policy import Policy

State = Organisation | Expert | Vacancy | Proposal | Tandem | EmailDelivery
KINDS: Mapping[str, type[State]] = {
    "organisation": Organisation,
    "expert": Expert,
    "vacancy": Vacancy,
    "match": Proposal,
    "tandem": Tandem,
    "letter": EmailDelivery,
}
S = TypeVar("S", Organisation, Expert, Vacancy, Proposal, Tandem, EmailDelivery)


def decider(policy: Policy) -> Decider[State]:
    """Notify's rules under this policy: its chase plan says who hears which stage (R132)."""
    chase: ReminderRecipients = {step.stage: step.to for step in policy.evaluation_reminders}

    def decide(states: Mapping[str, State], heard: Envelope[Any]) -> Iterable[Message | Effect]:
        return _decide(states, heard, chase)

    return Decider(initial_state, keys, decide, evolve)


def initial_state(key: str) -> State:
    return KINDS[key.partition("/")[0]](key)


def keys(message: Any) -> tuple[str, ...]:
    """The subject, and beside it the place or the proposal that the message also changes."""
    match message:
        case matching.TandemFormed():
            return entity_key("vacancy", message.vacancy), entity_key("match", message.match), entity_key("tandem", message.tandem)
        case PageAnswered(reply=ProposalAnswered(match=match)):
            return message.subject, entity_key("match", match)
        case _ if isinstance(message, OfMatch):
            return message.subject, entity_key("match", message.match)
        case _ if isinstance(message, OfTandem):
            return message.subject, entity_key("vacancy", message.vacancy)
        case _:
            return (message.subject,)


def _decide(states: Mapping[str, State], heard: Envelope[Any], chase: ReminderRecipients) -> Iterable[Message | Effect]:
    message: Input = heard.data
    match message:
        case intake.OrganisationRegistered() | intake.ReadinessProgressed(vacancy=None) | intake.ReadinessCompleted(vacancy=None):
            return organisations.decide(_one(states, message.subject, Organisation), heard)
        case intake.ReadinessProgressed() | intake.ReadinessCompleted() | intake.VacancyOpened():
            return ()
        case intake.ExpertRegistered() | intake.ExpertNotYetEligible():
            return experts.decide(_one(states, message.subject, Expert), heard)
        case intake.ContactChanged():
            return (SaveContact(message),)
        case intake.TextFiled():
            return (SaveText(message.about, message.field, message.text),)
        case matching.ShortlistDrawn():
            return vacancies.drawn(_one(states, message.subject, Vacancy), heard)
        case matching.MatchProposed():
            return proposals.proposed(heard)
        case matching.MatchAnswered():
            return ()
        case matching.MatchDeclined() | matching.MatchExpired() | matching.MatchWithdrawn():
            return proposals.ended(heard)
        case matching.TandemFormed():
            tandem = _one(states, entity_key("tandem", message.tandem), Tandem)
            return tandems.formed(tandem, _one(states, message.subject, Vacancy), heard)
        case PageAnswered():
            return _answered(states, heard)
        case EmailDelivered() | EmailRejected() | EmailSkipped():
            return emails.decide(_one(states, message.subject, EmailDelivery), message)
        case _ if isinstance(message, OfTandem):
            vacancy = _one(states, entity_key("vacancy", message.vacancy), Vacancy)
            return tandems.decide(_one(states, message.subject, Tandem), vacancy, heard, chase)
        case _:
            assert_never(message)


def _answered(states: Mapping[str, State], heard: Envelope[PageAnswered]) -> Iterable[Message | Effect]:
    reply = heard.data.reply
    match reply:
        case CandidatePicked():
            return vacancies.picked(_one(states, reply.subject, Vacancy), heard)
        case ProposalAnswered(match=match):
            return proposals.answered(_one(states, entity_key("match", match), Proposal), heard)
        case _:
            return tandems.answered(_one(states, reply.subject, Tandem), heard)


def _one(states: Mapping[str, State], key: str, kind: type[S]) -> S:
    """The state behind this key; its kind follows from the key's first part."""
    return cast(S, states[key])


def evolve(state: State, fact: Message) -> State:
    match state:
        case Organisation():
            return organisations.evolve(state, fact)
        case Expert():
            return experts.evolve(state, fact)
        case Vacancy():
            return vacancies.evolve(state, fact)
        case Proposal():
            return proposals.evolve(state, fact)
        case Tandem():
            return tandems.evolve(state, fact)
        case EmailDelivery():
            return emails.evolve(state, fact)
        case _:
            assert_never(state)
