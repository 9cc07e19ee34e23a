"""Messages published by notify: answers given on pages and outcomes of emails; never free text."""

from datetime import date, time
from typing import ClassVar, Literal
from uuid import UUID

import msgspec

from shared.messages.coaching import MoveReason
from shared.messages.code_lists import Role, Side
from shared.messages.envelope import Message
from shared.messages.ids import entity_key
from shared.messages.matching import DeclineReason, PickReason


class CandidatePicked(msgspec.Struct, frozen=True, tag="candidate-picked"):
    """The mediator picked an expert for a vacancy. `starts_on`: the first day that the mediator chose; None keeps the vacancy's.

    `revision` tells which shortlist the page showed, for auditing only; the pick counts if the expert is on the current one.
    `possible_duplicate_of`: the experts that the page showed as perhaps the same person.
    """

    vacancy: UUID
    expert: UUID
    why: PickReason
    starts_on: date | None
    revision: int
    possible_duplicate_of: tuple[UUID, ...] = ()

    @property
    def subject(self) -> str:
        return entity_key("vacancy", self.vacancy)


class ProposalAnswered(msgspec.Struct, frozen=True, tag="proposal-answered"):
    """A yes or no to a proposal; a no needs no reason."""

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
    """A side reports that the evaluation was held on this local date; coaching may refuse it."""

    tandem: UUID
    side: Side
    held_on: date

    @property
    def subject(self) -> str:
        return entity_key("tandem", self.tandem)


class EvaluationMoved(msgspec.Struct, frozen=True, tag="evaluation-moved"):
    """A side asks to move the evaluation to another local date and time, with a reason; coaching may refuse it.

    There is no way to cancel it (R132).
    """

    tandem: UUID
    side: Side
    to: date
    at: time | None
    reason: MoveReason

    @property
    def subject(self) -> str:
        return entity_key("tandem", self.tandem)


FailureReason = Literal["rejected", "no_contact", "gave_up", "bad_address", "not_rendered"]
"""Refused by the mail server; no contact data came; no answer, or no server, for too long; no address that mail can go to; or a
fault in its template or data."""
Reply = CandidatePicked | ProposalAnswered | EvaluationHeld | EvaluationMoved


class ReplyReceived(Message, frozen=True):
    """A person's answer, in their role, on a page behind a signed link; `nth` numbers people with the same role from 0.

    The service that owns the state applies it, or publishes its `reply-refused`: no reply stays without an outcome."""

    kind: ClassVar[str] = "tandem.notify.reply-received.v1"
    default_topic: ClassVar[str] = "tandem.notify"
    role: Role
    reply: Reply
    nth: int = 0

    @property
    def subject(self) -> str:
        return self.reply.subject


class _EmailOutcome(Message, frozen=True):
    """`email` is its id, `template` its kind, `about` the entity key it concerns, `role` that of the recipient."""

    default_topic: ClassVar[str] = "tandem.notify"
    email: UUID
    template: str
    about: str
    role: Role

    @property
    def subject(self) -> str:
        return entity_key("email", self.email)


class EmailSent(_EmailOutcome, frozen=True):
    """The mail server accepted the email.

    `attempts` counts those that may have reached the person; `cause` is the id of the message that led to the email.
    """

    kind: ClassVar[str] = "tandem.notify.email-sent.v1"
    attempts: int
    cause: UUID | None = None


class EmailFailed(_EmailOutcome, frozen=True):
    """The email will not arrive, or its outcome is unknown; a person must look."""

    kind: ClassVar[str] = "tandem.notify.email-failed.v1"
    reason: FailureReason
    cause: UUID | None = None


KINDS: tuple[type[Message], ...] = (ReplyReceived, EmailSent, EmailFailed)
