"""The history of a run. It holds nothing that a service reports about itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

from deploy.partner_client.record import RecordPosition
from shared.messages import coaching, intake, matching, notify
from shared.messages.envelope import Message

Invariant = Literal["I1", "I2", "I3", "I4", "I5", "I6", "I7"]
"""The promises of `docs/reliability.md`."""
MATCHES = [message for message in matching.KINDS if message is not matching.ExpertPlaced]
RECEIPT = intake.Receipt.kind


class Violation(NamedTuple):
    """A broken invariant. The description names ids and kinds, to search the logs for."""

    invariant: Invariant
    description: str


class PublishedMessage(NamedTuple):
    """A record of one of our services on Kafka; `digest` is of its bytes."""

    position: RecordPosition
    record_key: str
    id: str
    kind: str
    subject: str
    cause: str
    data: Mapping[str, Any]
    digest: bytes

    @property
    def service(self) -> str:
        """The service that published it."""
        return "intake" if self.kind == RECEIPT else self.kind.split(".")[1]


class DeadLetter(NamedTuple):
    """A row of a service's dead letters; `error` is None if the message is only blocked by another one."""

    service: str
    position: RecordPosition | None
    kind: str | None
    error: str | None


@dataclass(frozen=True)
class Rows:
    """The final rows, read as the administrator."""

    inbox: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Ids of processed messages, by service."""
    dead_letters: Sequence[DeadLetter] = ()
    unfinished: Sequence[str] = ()
    """Descriptions of work that is still pending."""
    emails: Sequence[Mapping[str, Any]] = ()
    contacts: Mapping[str, str] = field(default_factory=dict)
    """Email addresses in notify, by record key of the contact."""
    pool: frozenset[str] = frozenset()
    """Experts in matching's pool."""
    missing_s: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Items that coaching stores as missing, by subject."""
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Answers to the readiness catalogue that intake stores, by id of the organisation or vacancy."""
    tandems: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Tandems that a service stores, by service."""
    proposals: Mapping[str, bool] = field(default_factory=dict)
    """Matches that matching stores; True if a tandem was formed."""
    evaluation_sequences: Mapping[str, int] = field(default_factory=dict)
    """Sequence number of the evaluation that coaching stores, by tandem."""


@dataclass(frozen=True)
class History:
    """Everything observed in a run."""

    expected_outcomes: Mapping[RecordPosition, str | None]
    """For each record of a partner the outcome that its receipt must have; None if unpredictable."""
    published: Sequence[PublishedMessage]
    """In order for each partition, repeats included."""
    received_emails: Sequence[str]
    """The id of each email that the mail server received, copies included."""
    rows: Rows
    injected: frozenset[str] = frozenset()
    """Ids of messages that a fault published itself."""
    answered_items: Mapping[RecordPosition, Sequence[str]] = field(default_factory=dict)
    """Catalogue items that a valid readiness report answered with yes, by position of its record."""

    @cached_property
    def first_occurrences(self) -> Mapping[str, PublishedMessage]:
        """Each message of our services at its first position, by id."""
        first: dict[str, PublishedMessage] = {}
        for message in self.published:
            if message.id not in self.injected:
                first.setdefault(message.id, message)
        return first

    def of(self, kind: type[Message]) -> Iterator[PublishedMessage]:
        """The distinct messages of one kind."""
        return (message for message in self.first_occurrences.values() if message.kind == kind.kind)

    @cached_property
    def receipts(self) -> Mapping[RecordPosition, Sequence[PublishedMessage]]:
        """The distinct receipts of each record of a partner."""
        receipts: dict[RecordPosition, list[PublishedMessage]] = {position: [] for position in self.expected_outcomes}
        for receipt in self.of(intake.Receipt):
            data = receipt.data
            receipts.setdefault(RecordPosition(data["topic"], data["partition"], data["offset"]), []).append(receipt)
        return receipts


_EXPERTS = (intake.ExpertRegistered, intake.ExpertNotYetEligible)
_READINESS = (intake.OrganisationRegistered, intake.VacancyOpened, intake.ReadinessProgressed, intake.ReadinessCompleted)
_PRIVATE = (intake.ContactChanged, intake.TextFiled, intake.PrivateDataErased)
_CONSUMED: Mapping[str, Sequence[type[Message]]] = {
    "matching": (*_EXPERTS, intake.VacancyOpened, notify.ReplyReceived, matching.ExpertPlaced),
    "coaching": (*_READINESS, matching.TandemFormed, notify.ReplyReceived),
    "notify": (
        *_EXPERTS,
        *_READINESS,
        intake.ContactChanged,
        intake.TextFiled,
        intake.PrivateDataErased,
        *MATCHES,
        *coaching.KINDS,
    ),
}
CONSUMED_KINDS = {service: frozenset(message.kind for message in messages) for service, messages in _CONSUMED.items()}
"""The kinds that each service must process; intake consumes only partners' records."""
