"""What intake hears, once its door has understood it: a submission of the contract, or a record that it had to refuse."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from services.intake.contract.expert import Expert
from services.intake.contract.organisation import Organisation
from services.intake.contract.parts import Part
from services.intake.contract.readiness import Readiness
from services.intake.contract.vacancy import Vacancy
from services.intake.ids import ledger, meant, named
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


class Submission(Message, frozen=True):
    """An event of the contract. `keys`: every state it may touch, its subject first, its ledger last."""

    arrival: Arrival
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
Heard = Submitted | RecordRefused


def submitted(arrival: Arrival, data: Part) -> Submitted:
    """What this event says. Raises `KeyError` for a kind of the contract that nobody submits yet."""
    filed = ledger(arrival.partner, arrival.event_source or "", arrival.event_id or "")
    return _SUBMITTED[type(data)](arrival, data, filed)


def _organisation(arrival: Arrival, data: Organisation, filed: str) -> Submitted:
    return OrganisationSubmitted(arrival, (named(arrival.partner, "organisation", data.organisation), filed), data)


def _readiness(arrival: Arrival, data: Readiness, filed: str) -> Submitted:
    organisations = meant(arrival.partner, "organisation", data.organisation)
    vacancies = meant(arrival.partner, "vacancy", data.vacancy) if data.vacancy is not None else ()
    return ReadinessReported(arrival, (*organisations, *vacancies, filed), data, organisations, vacancies)


def _expert(arrival: Arrival, data: Expert, filed: str) -> Submitted:
    return ExpertSubmitted(arrival, (named(arrival.partner, "expert", data.expert), filed), data)


def _vacancy(arrival: Arrival, data: Vacancy, filed: str) -> Submitted:
    organisations = meant(arrival.partner, "organisation", data.organisation)
    vacancy = named(arrival.partner, "vacancy", data.vacancy)
    return VacancySubmitted(arrival, (vacancy, *organisations, filed), data, organisations)


_SUBMITTED: Mapping[type[Part], Callable[[Arrival, Any, str], Submitted]] = {
    Organisation: _organisation,
    Readiness: _readiness,
    Expert: _expert,
    Vacancy: _vacancy,
}
