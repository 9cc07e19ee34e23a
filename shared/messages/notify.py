"""What notify says: what people answered on their pages, and what became of each letter. Never what they wrote in words."""

from datetime import date, time
from typing import ClassVar, Literal
from uuid import UUID

import msgspec

from shared.messages.coaching import MoveReason
from shared.messages.code_lists import Role, Side
from shared.messages.envelope import Message, entity_key
from shared.messages.matching import DeclineReason, PickReason


class CandidatePicked(msgspec.Struct, frozen=True, tag="candidate-picked"):
    """The mediator chose an expert for a vacancy, and said why. `starts_on`: the first day, if the form names another.

    `revision`: the list that the page showed, for whoever looks back; what counts is whether the expert is on the list now."""

    vacancy: UUID
    expert: UUID
    why: PickReason
    starts_on: date | None
    revision: int

    @property
    def subject(self) -> str:
        return entity_key("vacancy", self.vacancy)


class ProposalAnswered(msgspec.Struct, frozen=True, tag="proposal-answered"):
    """Yes or no to a proposal. A no needs no reason."""

    vacancy: UUID
    expert: UUID
    match: UUID
    side: Side
    answer: Literal["yes", "no"]
    reason: DeclineReason

    @property
    def subject(self) -> str:
        return entity_key("vacancy", self.vacancy)


class EvaluationHeld(msgspec.Struct, frozen=True, tag="evaluation-held"):
    """The talk took place on this local date."""

    tandem: UUID
    side: Side
    held_on: date

    @property
    def subject(self) -> str:
        return entity_key("tandem", self.tandem)


class EvaluationMoved(msgspec.Struct, frozen=True, tag="evaluation-moved"):
    """The talk gets another day, with a reason; it cannot be deleted (R132)."""

    tandem: UUID
    side: Side
    to: date
    at: time | None
    reason: MoveReason

    @property
    def subject(self) -> str:
        return entity_key("tandem", self.tandem)


Reply = CandidatePicked | ProposalAnswered | EvaluationHeld | EvaluationMoved


class ReplyReceived(Message, frozen=True):
    """What a person answered on a page behind a signed link, in their role."""

    kind: ClassVar[str] = "tandem.notify.reply-received.v1"
    default_topic: ClassVar[str] = "tandem.notify"
    role: Role
    reply: Reply

    @property
    def subject(self) -> str:
        return self.reply.subject


class _EmailMessage(Message, frozen=True):
    default_topic: ClassVar[str] = "tandem.notify"
    letter: UUID
    template: str
    about: str
    role: Role

    @property
    def subject(self) -> str:
        return entity_key("letter", self.letter)


class EmailSent(_EmailMessage, frozen=True):
    """The mail server took it. `attempts` counts the sendings that may have reached the person; `cause` led to the letter."""

    kind: ClassVar[str] = "tandem.notify.letter-sent.v1"
    attempts: int
    cause: UUID | None = None


class EmailFailed(_EmailMessage, frozen=True):
    """The mail server will not take it, or nobody can be reached: a person must look."""

    kind: ClassVar[str] = "tandem.notify.letter-failed.v1"
    because: Literal["refused", "no_contact", "gave_up"]
    cause: UUID | None = None


KINDS: tuple[type[Message], ...] = (ReplyReceived, EmailSent, EmailFailed)
