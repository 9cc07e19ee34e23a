"""What intake hears, once its door has understood it: a submission of the contract, or a record that it had to refuse."""

from functools import cached_property
from typing import ClassVar, NamedTuple
from uuid import UUID

from services.intake.contract.expert import Expert
from services.intake.contract.organisation import Organisation
from services.intake.contract.readiness import Readiness
from services.intake.contract.vacancy import Vacancy
from services.intake.ids import candidates, submission_id, tandem_id
from shared.messages.envelope import Message, key
from shared.messages.intake import Problem


class Arrival(NamedTuple):
    """Where a record stood, and what its receipt must name."""

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


class RecordRefused(Message, frozen=True):
    """A record that breaks the contract: its receipt says where and why, and nothing else happens."""

    kind: ClassVar[str] = "tandem.partner.record-refused.v1"
    arrival: Arrival
    record: UUID
    problem: Problem

    @property
    def subject(self) -> str:
        return key("record", self.record)

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.subject,)


class Submission(Message, frozen=True, dict=True):
    """An event of the contract. `keys`: every state it may touch, its subject first, its ledger last."""

    arrival: Arrival

    @cached_property
    def ledger(self) -> str:
        """Where it is written down that this event was accepted."""
        arrival = self.arrival
        return key("submission", submission_id(arrival.partner, arrival.event_source or "", arrival.event_id or ""))

    def _named(self, kind: str, own: str) -> str:
        return key(kind, tandem_id(self.arrival.partner, kind, own))

    def _meant(self, kind: str, reference: str | None) -> tuple[str, ...]:
        if reference is None:
            return ()
        return tuple(key(kind, id) for id in candidates(self.arrival.partner, kind, reference))


class OrganisationSubmitted(Submission, frozen=True):
    kind: ClassVar[str] = "tandem.partner.organisation-submitted.v1"
    data: Organisation

    @cached_property
    def subject(self) -> str:
        return self._named("organisation", self.data.organisation)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        return self.subject, self.ledger


class ReadinessReported(Submission, frozen=True):
    kind: ClassVar[str] = "tandem.partner.readiness-reported.v1"
    data: Readiness

    @property
    def subject(self) -> str:
        return self.keys[0]

    @cached_property
    def organisations(self) -> tuple[str, ...]:
        return self._meant("organisation", self.data.organisation)

    @cached_property
    def vacancies(self) -> tuple[str, ...]:
        return self._meant("vacancy", self.data.vacancy)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        return *self.organisations, *self.vacancies, self.ledger


class ExpertSubmitted(Submission, frozen=True):
    kind: ClassVar[str] = "tandem.partner.expert-submitted.v1"
    data: Expert

    @cached_property
    def subject(self) -> str:
        return self._named("expert", self.data.expert)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        return self.subject, self.ledger


class VacancySubmitted(Submission, frozen=True):
    kind: ClassVar[str] = "tandem.partner.vacancy-submitted.v1"
    data: Vacancy

    @cached_property
    def subject(self) -> str:
        return self._named("vacancy", self.data.vacancy)

    @cached_property
    def organisations(self) -> tuple[str, ...]:
        return self._meant("organisation", self.data.organisation)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        return self.subject, *self.organisations, self.ledger


Submitted = OrganisationSubmitted | ReadinessReported | ExpertSubmitted | VacancySubmitted
Heard = Submitted | RecordRefused
