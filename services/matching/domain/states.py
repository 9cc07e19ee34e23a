"""What matching remembers: of each vacancy, of each expert. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

import msgspec

from shared.messages.code_lists import Side, TandemForm
from shared.messages.envelope import Message, entity_key
from shared.messages.intake import ExpertRegistered, VacancyOpened
from shared.messages.matching import Candidate
from shared.pipeline.decider import Effect


class Proposal(msgspec.Struct, frozen=True):
    """The one proposal of a vacancy: to whom, on what terms, until when each side may answer, who said yes."""

    match: UUID
    expert: UUID
    tandem_form: TandemForm
    starts_on: date
    zone: str
    expert_answers_by: date
    organisation_answers_by: date
    yes: tuple[Side, ...] = ()

    def answers_by(self, side: Side) -> date:
        """The last local day on which this side may answer or change its answer."""
        return self.expert_answers_by if side == "expert" else self.organisation_answers_by


class Vacancy(msgspec.Struct, frozen=True):
    """A place, the shortlist drawn for it, and its proposal. `filled`: the proposal became a tandem.

    Of the list it keeps who stands on it, as one text that each reply carries and only a pick reads, and a digest of the reasons:
    they can be had again, and twenty of them weigh much."""

    vacancy: UUID
    policy: int = 0
    sought: VacancyOpened | None = None
    drawn: int = 0
    revision: int = 0
    eligible_count: int = 0
    listed: str = ""
    reasons: str = ""
    declined: tuple[UUID, ...] = ()
    proposals: int = 0
    proposal: Proposal | None = None
    filled: bool = False


class Expert(msgspec.Struct, frozen=True):
    """Somebody in the pool (with a profile) or out of it: proposals open to them (vacancy, match), the match that placed them."""

    expert: UUID
    policy: int = 0
    profile: ExpertRegistered | None = None
    proposed: tuple[tuple[UUID, UUID], ...] = ()
    placed: UUID | None = None


State = Vacancy | Expert


class ShortlistComputed(Message, frozen=True):
    """A draw is done: the best of all who can do it, as the pool stood. To this service itself; it never travels.

    `draw` counts the draws that were asked for."""

    kind: ClassVar[str] = "tandem.own.shortlist-computed.v1"
    transparent_to_causation: ClassVar[bool] = True
    vacancy: UUID
    draw: int
    eligible_count: int
    candidates: tuple[Candidate, ...]

    @property
    def subject(self) -> str:
        return entity_key("vacancy", self.vacancy)


@dataclass(frozen=True, slots=True)
class RequestShortlist(Effect):
    """A shortlist is to be drawn for this vacancy."""

    vacancy: UUID


@dataclass(frozen=True, slots=True)
class RecordPoolChange(Effect):
    """Somebody came, changed or left: every open vacancy that nobody was picked for is drawn again."""
