"""What can be seen from outside: records on the bus, caught mails, final rows. Nothing that a service says of itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

from deploy.partner_client.topic_tail import RecordPosition
from shared.messages import coaching, intake, matching, notify
from shared.messages.envelope import Message

Invariant = Literal["I1", "I2", "I3", "I4", "I5", "I6", "I7"]
MATCHES = [message for message in matching.KINDS if message is not matching.ExpertPlaced]
RECEIPT = intake.Receipt.kind


class Violation(NamedTuple):
    """What does not hold. `what` names ids and kinds, so that a log can be searched for it."""

    invariant: Invariant
    what: str


class Said(NamedTuple):
    """A record of one of our services; `digest` is of its bytes."""

    place: RecordPosition
    record_key: str
    id: str
    kind: str
    subject: str
    cause: str
    data: Mapping[str, Any]
    digest: bytes

    @property
    def service(self) -> str:
        return "intake" if self.kind == RECEIPT else self.kind.split(".")[1]


class Parked(NamedTuple):
    """A row of a parking place."""

    service: str
    place: RecordPosition | None
    kind: str | None
    error: str | None


@dataclass(frozen=True)
class Rows:
    """Final rows, as the administrator reads them. `stuck` says what waits though nothing should."""

    inbox: Mapping[str, frozenset[str]] = field(default_factory=dict)
    parked: Sequence[Parked] = ()
    stuck: Sequence[str] = ()
    emails: Sequence[Mapping[str, Any]] = ()
    contacts: Mapping[str, str] = field(default_factory=dict)
    pool: frozenset[str] = frozenset()
    missing_s: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tandems: Mapping[str, frozenset[str]] = field(default_factory=dict)
    proposals: Mapping[str, bool] = field(default_factory=dict)
    """By match: whether it became a tandem, as matching's own rows say."""
    planned: Mapping[str, int] = field(default_factory=dict)
    """By tandem: the sequence of its evaluation, as coaching's own rows say."""


@dataclass(frozen=True)
class History:
    """All of it. `said` stands in the order of each partition, with repeats. `planted`: ids that the test itself put there."""

    submitted: Mapping[RecordPosition, str | None]
    said: Sequence[Said]
    mails: Sequence[str]
    rows: Rows
    planted: frozenset[str] = frozenset()
    answered: Mapping[RecordPosition, Sequence[str]] = field(default_factory=dict)

    @cached_property
    def first(self) -> Mapping[str, Said]:
        """Each message of ours at its first occurrence, by id."""
        first: dict[str, Said] = {}
        for said in self.said:
            if said.id not in self.planted:
                first.setdefault(said.id, said)
        return first

    def of(self, kind: type[Message]) -> Iterator[Said]:
        return (said for said in self.first.values() if said.kind == kind.kind)

    @cached_property
    def receipts(self) -> Mapping[RecordPosition, Sequence[Said]]:
        """The distinct receipts of each record."""
        found: dict[RecordPosition, list[Said]] = {place: [] for place in self.submitted}
        for said in self.of(intake.Receipt):
            found.setdefault(RecordPosition(said.data["topic"], said.data["partition"], said.data["offset"]), []).append(said)
        return found


_POOL = (intake.ExpertRegistered, intake.ExpertNotYetEligible)
_READY = (intake.OrganisationRegistered, intake.VacancyOpened, intake.ReadinessProgressed, intake.ReadinessCompleted)
_HEARD: Mapping[str, Sequence[type[Message]]] = {
    "matching": (*_POOL, intake.VacancyOpened, notify.ReplyReceived, matching.ExpertPlaced),
    "coaching": (*_READY, matching.TandemFormed, notify.ReplyReceived),
    "notify": (*_POOL, *_READY, intake.ContactChanged, intake.TextFiled, *MATCHES, *coaching.KINDS),
}
HEARD = {service: frozenset(message.kind for message in messages) for service, messages in _HEARD.items()}
"""Which kinds each service must have handled; intake hears partners alone."""
