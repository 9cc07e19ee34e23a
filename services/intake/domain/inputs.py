"""What intake hears, once its door has understood it: a submission of the contract, or a record that it had to refuse."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from services.intake.contract.expert import Expert
from services.intake.contract.fields import ContractModel
from services.intake.contract.organisation import Organisation
from services.intake.contract.readiness import Readiness
from services.intake.contract.vacancy import Vacancy
from services.intake.ids import candidate_keys, dedup_key, own_key
from shared.messages.envelope import Message, entity_key
from shared.messages.intake import Problem


class RecordInfo(NamedTuple):
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


class RecordRejected(Message, frozen=True):
    """A record that breaks the contract: its receipt says where and why, and nothing else happens."""

    kind: ClassVar[str] = "tandem.partner.record-refused.v1"
    arrival: RecordInfo
    record: UUID
    problem: Problem

    @property
    def subject(self) -> str:
        return entity_key("record", self.record)

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.subject,)


class Submission(Message, frozen=True):
    """An event of the contract. `keys`: every state it may touch, its subject first, its ledger last."""

    arrival: RecordInfo
    keys: tuple[str, ...]

    @property
    def subject(self) -> str:
        return self.keys[0]

    @property
    def ledger(self) -> str:
        """Where it is written down that this event was accepted."""
        return self.keys[-1]


class OrganisationSubmitted(Submission, frozen=True):
    kind: ClassVar[str] = "tandem.partner.organisation-submitted.v1"
    data: Organisation


class ReadinessReported(Submission, frozen=True):
    """`organisations`, `vacancies`: what its references may mean, the likeliest first."""

    kind: ClassVar[str] = "tandem.partner.readiness-reported.v1"
    data: Readiness
    organisations: tuple[str, ...]
    vacancies: tuple[str, ...]


class ExpertSubmitted(Submission, frozen=True):
    kind: ClassVar[str] = "tandem.partner.expert-submitted.v1"
    data: Expert


class VacancySubmitted(Submission, frozen=True):
    """`organisations`: what its reference may mean, the likeliest first."""

    kind: ClassVar[str] = "tandem.partner.vacancy-submitted.v1"
    data: Vacancy
    organisations: tuple[str, ...]


Submitted = OrganisationSubmitted | ReadinessReported | ExpertSubmitted | VacancySubmitted
Input = Submitted | RecordRejected


def to_input(arrival: RecordInfo, data: ContractModel) -> Submitted:
    """What this event says. Raises `KeyError` for a kind of the contract that nobody submits yet."""
    filed = dedup_key(arrival.partner, arrival.event_source or "", arrival.event_id or "")
    return _CONSTRUCTORS[type(data)](arrival, data, filed)


def _organisation(arrival: RecordInfo, data: Organisation, filed: str) -> Submitted:
    return OrganisationSubmitted(arrival, (own_key(arrival.partner, "organisation", data.organisation), filed), data)


def _readiness(arrival: RecordInfo, data: Readiness, filed: str) -> Submitted:
    organisations = candidate_keys(arrival.partner, "organisation", data.organisation)
    vacancies = candidate_keys(arrival.partner, "vacancy", data.vacancy) if data.vacancy is not None else ()
    return ReadinessReported(arrival, (*organisations, *vacancies, filed), data, organisations, vacancies)


def _expert(arrival: RecordInfo, data: Expert, filed: str) -> Submitted:
    return ExpertSubmitted(arrival, (own_key(arrival.partner, "expert", data.expert), filed), data)


def _vacancy(arrival: RecordInfo, data: Vacancy, filed: str) -> Submitted:
    organisations = candidate_keys(arrival.partner, "organisation", data.organisation)
    vacancy = own_key(arrival.partner, "vacancy", data.vacancy)
    return VacancySubmitted(arrival, (vacancy, *organisations, filed), data, organisations)


_CONSTRUCTORS: Mapping[type[ContractModel], Callable[[RecordInfo, Any, str], Submitted]] = {
    Organisation: _organisation,
    Readiness: _readiness,
    Expert: _expert,
    Vacancy: _vacancy,
}
