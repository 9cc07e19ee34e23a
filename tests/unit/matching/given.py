"""Starting points of the matching tests, and a history of messages handled by its decider."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Literal, cast
from uuid import UUID

from deploy.stack.endpoints import POLICY as FILE
from services.matching.domain.decider import State, decider
from services.matching.domain.expert import Expert
from services.matching.domain.inputs import ShortlistComputed
from services.matching.domain.scoring import score_candidate
from services.matching.domain.vacancy import Vacancy
from shared.messages.code_lists import Role, Side
from shared.messages.envelope import Message
from shared.messages.ids import entity_key
from shared.messages.intake import ExpertRegistered, Task, VacancyOpened
from shared.messages.matching import DeclineReason, MatchProposed, ReplyRefused
from shared.messages.notify import CandidatePicked, ProposalAnswered, ReplyReceived
from shared.programme import policy
from tests.support.decider_history import DeciderHistory

POLICY = policy.load_policy(FILE)
MONDAY = datetime(2027, 2, 1, 9, tzinfo=UTC)
VACANCY, OTHER_VACANCY = UUID(int=10), UUID(int=11)
ANNA, BERT = UUID(int=20), UUID(int=21)
ORGANISATION = UUID(int=30)
OPENED = VacancyOpened(
    vacancy=VACANCY,
    organisation=ORGANISATION,
    motives=("accessibility",),
    target_groups=("parents_in_poverty", "generational_poverty"),
    tasks=(Task("individual_support", "ambulatory", True), Task("policy_work", "local", False)),
    qualities=("patient", "direct"),
    interests=("housing",),
    competences=("plain_language", "outreach"),
    languages=("nl", "fr"),
    region="gent",
    hours=19,
    cooperation_form="tandem",
    tandem_form="fixed_one_to_one",
    partner_type="professional",
    partners=1,
    starts_on=date(2027, 3, 1),
    language="nl-BE",
    zone="Europe/Brussels",
    missing_s=(),
)
REGISTERED = ExpertRegistered(
    expert=ANNA,
    experience="experienced",
    task_categories=("individual_support",),
    target_groups=("generational_poverty",),
    qualities=("patient",),
    interests=("housing", "debts"),
    competences=("outreach", "trust_building"),
    languages=("nl",),
    regions=("gent", "aalst"),
    hours_min=8,
    hours_max=24,
    available_from=date(2027, 2, 15),
    language="nl-BE",
    zone="Europe/Brussels",
)


class History(DeciderHistory[State]):
    """A history of matching."""

    def __init__(self) -> None:
        super().__init__(decider(POLICY), MONDAY)

    def compute_shortlist(self, vacancy: UUID, *experts: ExpertRegistered) -> list[Message]:
        """Handle a computed shortlist of these experts."""
        state = self.vacancy(vacancy)
        assert state.opened
        candidates = tuple(score_candidate(state.opened, expert) for expert in experts)
        number = state.last_request_number + 1
        return self.handle(ShortlistComputed(vacancy, number, eligible_count=len(candidates), candidates=candidates))

    def vacancy(self, id: UUID = VACANCY) -> Vacancy:
        return cast(Vacancy, self.states[entity_key("vacancy", id)])

    def expert(self, id: UUID = ANNA) -> Expert:
        return cast(Expert, self.states[entity_key("expert", id)])


def pick_reply(
    vacancy: UUID = VACANCY,
    expert: UUID = ANNA,
    role: Role = "mediator",
    starts_on: date | None = None,
    duplicates: tuple[UUID, ...] = (),
) -> ReplyReceived:
    """The mediator's form on the shortlist page."""
    return ReplyReceived(
        role, CandidatePicked(vacancy, expert, why="fits_tasks", starts_on=starts_on, revision=1, possible_duplicate_of=duplicates)
    )


def answer_reply(
    proposal: MatchProposed,
    side: Side,
    answer: Literal["yes", "no"] = "yes",
    role: Role | None = None,
    reason: DeclineReason = "none",
) -> ReplyReceived:
    """A side's form on the proposal page."""
    answered = ProposalAnswered(proposal.vacancy, proposal.expert, proposal.match, side, answer, reason)
    return ReplyReceived(role or ("expert" if side == "expert" else "coordinator"), answered)


def with_shortlist(*experts: ExpertRegistered, vacancies: Sequence[VacancyOpened] = (OPENED,)) -> History:
    """A history with these vacancies, each with a shortlist of these experts."""
    history = History()
    for expert in experts:
        history.handle(expert)
    for vacancy in vacancies:
        history.handle(vacancy)
        history.compute_shortlist(vacancy.vacancy, *experts)
    return history


def propose(history: History, vacancy: UUID = VACANCY, expert: UUID = ANNA) -> MatchProposed:
    """Have the mediator pick the expert, and return the proposal."""
    (proposal,) = history.handle(pick_reply(vacancy, expert))
    assert isinstance(proposal, MatchProposed)
    return proposal


def refusal(published: list[Message]) -> str:
    """Return the reason of the refusal that was published, and nothing else was."""
    (refused,) = published
    assert isinstance(refused, ReplyRefused)
    return refused.reason
