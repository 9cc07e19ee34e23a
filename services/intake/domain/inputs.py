"""Inputs of intake: the submissions of the partner contract, and records that the ingress rejected. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from services.intake.contract.expert import Expert
from services.intake.contract.fields import ContractModel
from services.intake.contract.organisation import Organisation
from services.intake.contract.readiness import Readiness
from services.intake.contract.vacancy import Vacancy
from services.intake.domain.expert import ExpertSubmitted
from services.intake.domain.organisation import OrganisationSubmitted
from services.intake.domain.readiness import ReadinessReported
from services.intake.domain.submission import RecordInfo, RecordRejected
from services.intake.domain.vacancy import VacancySubmitted

Submitted = OrganisationSubmitted | ReadinessReported | ExpertSubmitted | VacancySubmitted
Input = Submitted | RecordRejected

_CONSTRUCTORS: Mapping[type[ContractModel], Callable[[RecordInfo, Any], Submitted]] = {
    Organisation: OrganisationSubmitted.of,
    Readiness: ReadinessReported.of,
    Expert: ExpertSubmitted.of,
    Vacancy: VacancySubmitted.of,
}


def to_input(record: RecordInfo, data: ContractModel) -> Submitted:
    """Return the submission of `data`. Raises `KeyError` for a model of the contract that has no submission."""
    return _CONSTRUCTORS[type(data)](record, data)
