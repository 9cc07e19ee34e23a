"""What the tests of matching start from, and its rules told one message after the other."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import UUID

from deploy.stack.endpoints import POLICY as FILE
from services.matching.domain.decider import decider
from services.matching.domain.scoring import score_candidate
from services.matching.domain.states import Expert, ShortlistComputed, State, Vacancy
from shared.messages.code_lists import Role, Side
from shared.messages.envelope import Envelope, Message, deterministic_uuid, entity_key
from shared.messages.intake import ExpertRegistered, Task, VacancyOpened
from shared.messages.matching import DeclineReason, MatchProposed
from shared.messages.notify import CandidatePicked, ProposalAnswered, ReplyReceived
from shared.pipeline.decider import Effect, step
from shared.programme import policy

POLICY = policy.load_policy(FILE)
MONDAY = datetime(2027, 2, 1, 9, tzinfo=UTC)
PLACE, OTHER_PLACE = UUID(int=10), UUID(int=11)
ANNA, BERT = UUID(int=20), UUID(int=21)
HOUSE = UUID(int=30)
OPENED = VacancyOpened(
    vacancy=PLACE,
    organisation=HOUSE,
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


class History:
    """What has happened so far; `tell` one more message and see what follows."""

    def __init__(self) -> None:
        self.decider = decider(POLICY)
        self.states: dict[str, State] = {}
        self.said: list[Message] = []
        self.effects: list[Effect] = []
        self.nth = 0

    def tell(self, message: Message, at: datetime = MONDAY) -> list[Message]:
        """What is said to this message."""
        self.nth += 1
        heard: Envelope[Any] = Envelope(
            id=deterministic_uuid(UUID(int=1), str(self.nth)), source="/test", subject=message.subject, time=at, data=message
        )
        for touched in self.decider.keys(message):
            self.states.setdefault(touched, self.decider.initial_state(touched))
        said, effects = step(self.decider, self.states, heard)
        self.said += said
        self.effects += effects
        return said

    def draw(self, vacancy: UUID, *experts: ExpertRegistered) -> list[Message]:
        """A draw that finds these experts."""
        state = self.vacancy(vacancy)
        assert state.sought
        listed = tuple(score_candidate(state.sought, expert) for expert in experts)
        return self.tell(ShortlistComputed(vacancy, draw=state.drawn + 1, eligible_count=len(listed), candidates=listed))

    def vacancy(self, id: UUID = PLACE) -> Vacancy:
        return cast(Vacancy, self.states[entity_key("vacancy", id)])

    def expert(self, id: UUID = ANNA) -> Expert:
        return cast(Expert, self.states[entity_key("expert", id)])


def picked(vacancy: UUID = PLACE, expert: UUID = ANNA, role: Role = "mediator", starts_on: date | None = None) -> ReplyReceived:
    return ReplyReceived(role, CandidatePicked(vacancy, expert, why="fits_tasks", starts_on=starts_on, revision=1))


def answered(
    proposed: MatchProposed, side: Side, answer: str = "yes", role: Role | None = None, reason: DeclineReason = "none"
) -> ReplyReceived:
    speaks: Role = role or ("expert" if side == "expert" else "coordinator")
    given = ProposalAnswered(proposed.vacancy, proposed.expert, proposed.match, side, cast(Any, answer), reason)
    return ReplyReceived(speaks, given)


def listed(*experts: ExpertRegistered, vacancies: Sequence[VacancyOpened] = (OPENED,)) -> History:
    """Vacancies that each have these experts on their list."""
    history = History()
    for expert in experts:
        history.tell(expert)
    for vacancy in vacancies:
        history.tell(vacancy)
        history.draw(vacancy.vacancy, *experts)
    return history


def proposed(history: History, vacancy: UUID = PLACE, expert: UUID = ANNA) -> MatchProposed:
    """The proposal that follows from the mediator's pick."""
    (said,) = history.tell(picked(vacancy, expert))
    assert isinstance(said, MatchProposed)
    return said
