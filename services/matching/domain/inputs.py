"""Inputs and outputs of matching's decider. Pure."""

from typing import ClassVar
from uuid import UUID

from services.matching.domain.effects import RecordPoolChange, RequestShortlist
from shared.messages.envelope import Message
from shared.messages.ids import entity_key
from shared.messages.intake import ExpertNotYetEligible, ExpertRegistered, VacancyOpened
from shared.messages.matching import (
    Candidate,
    ExpertPlaced,
    MatchAnswered,
    MatchDeclined,
    MatchExpired,
    MatchProposed,
    MatchWithdrawn,
    ReplyRefused,
    ShortlistDrawn,
    TandemExpertWithdrawn,
    TandemFormed,
)
from shared.messages.notify import ReplyReceived
from shared.pipeline.timers import ScheduleTimer, TimerDue


class ShortlistComputed(Message, frozen=True):
    """The shortlist worker ranked the pool for a vacancy, in answer to its `request_number`th request. Not published.

    Only this local input passes its cause on: it is merely a step in the work of the message that opened the vacancy. The others
    (a due timer, an answer, an email's outcome) are causes themselves.
    """

    kind: ClassVar[str] = "tandem.local.shortlist-computed.v1"
    outputs_inherit_causation: ClassVar[bool] = True
    vacancy: UUID
    request_number: int
    eligible_count: int
    candidates: tuple[Candidate, ...]

    @property
    def subject(self) -> str:
        return entity_key("vacancy", self.vacancy)


Input = ExpertRegistered | ExpertNotYetEligible | VacancyOpened | ReplyReceived | ExpertPlaced | ShortlistComputed | TimerDue
ProposalEvent = MatchProposed | MatchAnswered | MatchDeclined | MatchExpired | MatchWithdrawn | TandemFormed
PublishedEvent = ShortlistDrawn | ProposalEvent | ExpertPlaced | TandemExpertWithdrawn | ReplyRefused
Output = PublishedEvent | RequestShortlist | RecordPoolChange | ScheduleTimer
