"""`readiness-reported`: answers of an organisation to the readiness catalogue (R069-R072, R081-R085, R093-R095). Pure."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

import msgspec

from services.intake.contract.readiness import Readiness
from services.intake.domain import gates, private_messages, receipts
from services.intake.domain.organisation import Organisation
from services.intake.domain.references import resolve_reference
from services.intake.domain.states import KeyedState
from services.intake.domain.submission import Output, RecordInfo, Submission
from services.intake.domain.vacancy import Vacancy
from services.intake.ids import candidate_keys
from shared.messages.intake import Receipt


class ReadinessReported(Submission, frozen=True):
    """`organisations`, `vacancies`: the candidate keys of its references, the external id first."""

    kind: ClassVar[str] = "tandem.partner.readiness-reported.v1"
    data: Readiness
    organisations: tuple[str, ...]
    vacancies: tuple[str, ...]

    @classmethod
    def of(cls, record: RecordInfo, data: Readiness) -> "ReadinessReported":
        organisations = candidate_keys(record.partner, "organisation", data.organisation)
        vacancies = candidate_keys(record.partner, "vacancy", data.vacancy) if data.vacancy is not None else ()
        subject, *others = organisations
        return cls(record, subject, (*others, *vacancies), record.dedup_key, data, organisations, vacancies)


def decide(states: Mapping[str, KeyedState], submission: ReadinessReported) -> Iterator[Output]:
    """Accept the answers, unless a reference fails. Publishes the missing items, and each gate that is met by these answers."""
    before = _resolve(states, submission)
    if isinstance(before, Receipt):
        yield before
        return
    reported = {answered.item: answered.answer for answered in submission.data.answers}
    notes = {f"note-{answered.item}": answered.note for answered in submission.data.answers}
    optional_texts = private_messages.filed_after(before.optional_texts, notes)
    after = msgspec.structs.replace(before, answers={**before.answers, **reported}, optional_texts=optional_texts)
    missing = gates.missing_items(after)
    yield from receipts.accepted(submission, after, missing)
    yield gates.progressed(after, missing)
    yield from gates.completed(before, after, missing)
    yield from private_messages.optional_texts(after.key, before.optional_texts, notes)


def _resolve(states: Mapping[str, KeyedState], submission: ReadinessReported) -> Organisation | Vacancy | Receipt:
    """The vacancy that the answers are about, or the organisation if the report names no vacancy."""
    organisation = resolve_reference(Organisation, states, submission.organisations, submission, "/data/organisation")
    if isinstance(organisation, Receipt) or not submission.vacancies:
        return organisation
    vacancy = resolve_reference(Vacancy, states, submission.vacancies, submission, "/data/vacancy")
    if isinstance(vacancy, Vacancy) and vacancy.organisation != organisation.id:
        return receipts.rejected_field(submission, "invalid-data", "/data/vacancy", "is a vacancy of another organisation")
    return vacancy
