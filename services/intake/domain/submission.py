"""Base types of intake's inputs: the partner's record, the submission, and the event of its acceptance. Pure."""

from typing import ClassVar, NamedTuple
from uuid import UUID

import msgspec

from services.intake.domain.states import OwnedState
from services.intake.ids import dedup_key
from shared.messages.envelope import Message
from shared.messages.ids import entity_key
from shared.messages.intake import Problem
from shared.pipeline.decider import InternalEvent


class RecordInfo(NamedTuple):
    """The position of a partner's record, and the attributes of its event for the receipt. `digest` identifies the event's body."""

    partner: str
    topic: str
    partition: int
    offset: int
    event_id: str | None = None
    event_source: str | None = None
    event_type: str | None = None
    unknown_attributes: tuple[str, ...] = ()
    unknown_fields: tuple[str, ...] = ()
    digest: bytes = b""

    @property
    def dedup_key(self) -> str:
        """The key of the event's `AcceptedEvent`."""
        return dedup_key(self.partner, self.event_source or "", self.event_id or "")


class RecordRejected(Message, frozen=True):
    """A record that breaks the contract. It gets a receipt with `problem` and changes nothing."""

    kind: ClassVar[str] = "tandem.local.record-rejected.v1"
    record: RecordInfo
    record_id: UUID
    problem: Problem

    @property
    def subject(self) -> str:
        return entity_key("record", self.record_id)

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.subject,)


class Submission(Message, frozen=True):
    """A valid event of a partner.

    `subject` is the key of the entity it is about, `references` are the other states that its decision reads or changes, and
    `dedup_key` is the key of its `AcceptedEvent`.
    """

    record: RecordInfo
    subject: str
    references: tuple[str, ...]
    dedup_key: str

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of every state that this submission locks."""
        return (self.subject, *self.references, self.dedup_key)


class SubmissionAccepted(InternalEvent, msgspec.Struct, frozen=True):
    """A submission was accepted: `state` replaces the state of the entity it is about, and the event's id is used up.

    `person`: the key of the person, if it is about an expert.
    """

    state: OwnedState
    dedup_key: str
    digest: bytes
    person: str | None = None


Output = Message | SubmissionAccepted
