"""What matching hears, decides and remembers. Pure: no clock, no database, no bus."""

from collections.abc import Iterator, Mapping
from typing import Final, assert_never, cast
from uuid import UUID

from msgspec.structs import replace

from services.matching.domain import proposals
from services.matching.domain.scoring import candidate_ids, digest
from services.matching.domain.states import Expert, Proposal, RecordPoolChange, RequestShortlist, ShortlistComputed, State, Vacancy
from shared.messages.code_lists import Role, Side
from shared.messages.envelope import Envelope, Message, entity_key
from shared.messages.intake import ExpertNotYetEligible, ExpertRegistered, VacancyOpened
from shared.messages.matching import (
    ExpertPlaced,
    MatchAnswered,
    MatchDeclined,
    MatchExpired,
    MatchProposed,
    MatchWithdrawn,
    ShortlistDrawn,
    TandemFormed,
)
from shared.messages.notify import CandidatePicked, ProposalAnswered, ReplyReceived
from shared.pipeline.decider import Decider, Effect
from shared.pipeline.timers import TimerDue
from shared.programme.policy import Policy

Input = ExpertRegistered | ExpertNotYetEligible | VacancyOpened | ReplyReceived | ExpertPlaced | ShortlistComputed | TimerDue
Output = ShortlistDrawn | proposals.Output

SPEAKS_FOR: Final[Mapping[Role, Side]] = {"expert": "expert", "coordinator": "organisation"}


def decider(policy: Policy) -> Decider[State]:
    """Matching's rules under a programme's choices."""

    def decide(states: Mapping[str, State], heard: Envelope[Input]) -> Iterator[Output | Effect]:
        return _decide(policy, states, heard)

    def evolve(state: State, fact: Message) -> State:
        return _vacancy_after(policy, state, fact) if isinstance(state, Vacancy) else _expert_after(policy, state, fact)

    return Decider(initial_state, keys, decide, evolve)


def initial_state(key: str) -> State:
    """Nothing is known yet."""
    kind, _, id = key.partition("/")
    return Vacancy(UUID(id)) if kind == "vacancy" else Expert(UUID(id))


def keys(message: Input) -> tuple[str, ...]:
    """A pick, an answer and a placing touch the vacancy and the expert; a reply that is for another service touches nothing."""
    match message:
        case ExpertRegistered() | ExpertNotYetEligible() | VacancyOpened() | ShortlistComputed():
            return (message.subject,)
        case ReplyReceived(
            reply=CandidatePicked(vacancy=vacancy, expert=expert) | ProposalAnswered(vacancy=vacancy, expert=expert)
        ):
            return entity_key("vacancy", vacancy), entity_key("expert", expert)
        case ReplyReceived():
            return ()
        case ExpertPlaced(expert=expert, other_vacancy=vacancy):
            return entity_key("expert", expert), entity_key("vacancy", vacancy)
        case TimerDue():
            return message.keys
        case _:
            assert_never(message)


def _decide(policy: Policy, states: Mapping[str, State], heard: Envelope[Input]) -> Iterator[Output | Effect]:
    """What follows from the message, seen from before it happened."""
    message = heard.data

    def vacancy(id: UUID) -> Vacancy:
        return cast(Vacancy, states[entity_key("vacancy", id)])

    def expert(id: UUID) -> Expert:
        return cast(Expert, states[entity_key("expert", id)])

    match message:
        case ExpertRegistered(expert=id):
            if expert(id).profile != message:
                yield RecordPoolChange()
        case ExpertNotYetEligible(expert=id):
            yield from proposals.leave_pool(expert(id))
        case VacancyOpened(vacancy=id):
            if vacancy(id).sought != message:
                yield RequestShortlist(id)
        case ShortlistComputed(vacancy=id):
            yield from _publish_shortlist(vacancy(id), message)
        case ReplyReceived(role="mediator", reply=CandidatePicked() as chosen):
            yield from proposals.pick(policy, vacancy(chosen.vacancy), expert(chosen.expert), chosen, heard.time)
        case ReplyReceived(role=role, reply=ProposalAnswered() as given) if SPEAKS_FOR.get(role) == given.side:
            yield from proposals.answer(vacancy(given.vacancy), expert(given.expert), given, heard.time)
        case ReplyReceived():
            pass  # another service's, or not this role's to give
        case ExpertPlaced(other_vacancy=id):
            yield from proposals.withdraw(vacancy(id), message)
        case TimerDue(subject=about):
            yield from proposals.expire(cast(Vacancy, states[about]), message)
        case _:
            assert_never(message)


def _publish_shortlist(vacancy: Vacancy, computed: ShortlistComputed) -> Iterator[ShortlistDrawn]:
    """A list that is late or the same as the last is not said, and so no first one that is empty: the vacancy waits until somebody
    fits. One that becomes empty is said, so that nobody is offered who cannot be picked."""
    if not vacancy.sought or vacancy.proposal or computed.draw <= vacancy.drawn:
        return
    if (computed.eligible_count, digest(computed.candidates)) != (vacancy.eligible_count, vacancy.reasons):
        yield ShortlistDrawn(
            vacancy=vacancy.vacancy,
            organisation=vacancy.sought.organisation,
            revision=vacancy.revision + 1,
            eligible_count=computed.eligible_count,
            candidates=computed.candidates,
        )


def _vacancy_after(policy: Policy, state: Vacancy, fact: Message) -> Vacancy:
    if getattr(fact, "vacancy", None) != state.vacancy:
        return state
    match fact:
        case VacancyOpened():
            return replace(state, sought=fact, policy=state.policy or policy.version)
        case ShortlistComputed() if state.sought:
            return replace(state, drawn=max(state.drawn, fact.draw))
        case ShortlistDrawn():
            listed = candidate_ids(fact.candidates)
            return replace(
                state, revision=fact.revision, eligible_count=fact.eligible_count, listed=listed, reasons=digest(fact.candidates)
            )
        case MatchProposed():
            return replace(state, proposals=state.proposals + 1, proposal=_proposal(fact))
        case MatchAnswered() if state.proposal:
            return replace(state, proposal=replace(state.proposal, yes=(*state.proposal.yes, fact.side)))
        case MatchDeclined():
            return replace(state, proposal=None, declined=(*state.declined, fact.expert))
        case MatchExpired() | MatchWithdrawn():
            return replace(state, proposal=None)
        case TandemFormed():
            return replace(state, filled=True)
        case _:
            return state


def _proposal(fact: MatchProposed) -> Proposal:
    return Proposal(
        match=fact.match,
        expert=fact.expert,
        tandem_form=fact.tandem_form,
        starts_on=fact.starts_on,
        zone=fact.zone,
        expert_answers_by=fact.expert_answers_by,
        organisation_answers_by=fact.organisation_answers_by,
    )


def _expert_after(policy: Policy, state: Expert, fact: Message) -> Expert:
    if getattr(fact, "expert", None) != state.expert:
        return state
    match fact:
        case ExpertRegistered():
            return replace(state, profile=fact, policy=state.policy or policy.version)
        case ExpertNotYetEligible():
            return replace(state, profile=None)
        case MatchProposed():
            return replace(state, proposed=(*state.proposed, (fact.vacancy, fact.match)))
        case MatchDeclined() | MatchExpired() | MatchWithdrawn():
            return replace(state, proposed=tuple(open for open in state.proposed if open[1] != fact.match))
        case TandemFormed():
            return replace(state, placed=fact.match, proposed=tuple(open for open in state.proposed if open[1] != fact.match))
        case _:
            return state
