"""`vacancy-submitted`: a vacancy opens once its organisation meets gate B, never for a secondment (R060, R069, R108-R113). Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import ClassVar
from uuid import UUID

import msgspec

from services.intake.contract.vacancy import ContractForm
from services.intake.contract.vacancy import Task as TaskData
from services.intake.contract.vacancy import Vacancy as VacancyData
from services.intake.domain import date_limits, gates, private_messages, receipts
from services.intake.domain.gates import ReadinessState, Scope
from services.intake.domain.organisation import Organisation
from services.intake.domain.references import resolve_reference
from services.intake.domain.states import KeyedState
from services.intake.domain.submission import Output, RecordInfo, Submission
from services.intake.identity import Identify
from services.intake.ids import candidate_keys, external_key
from shared.messages.envelope import Message
from shared.messages.intake import Advice, Receipt, Task, VacancyOpened
from shared.programme.local_dates import local_date
from shared.programme.policy import Policy


class Vacancy(ReadinessState, frozen=True):
    """An open vacancy. `has_tandem`: step 4 of the catalogue applies (R120). `contract_form`: of the employer's contract (R060).

    `content` is a hash of the submission without contact data; `partner_contacts` are keyed hashes of those of its tandem
    partners. They tell a correction of contact data from another change.
    """

    scope: ClassVar[Scope] = "vacancy"
    organisation: UUID
    has_tandem: bool
    contract_form: ContractForm
    content: str = ""
    partner_contacts: tuple[str, ...] = ()

    @property
    def condition(self) -> str | None:
        return "tandem" if self.has_tandem else None

    @property
    def organisation_and_vacancy(self) -> tuple[UUID, UUID]:
        return self.organisation, self.id


class VacancySubmitted(Submission, frozen=True):
    """`organisations`: the candidate keys of its reference, the external id first."""

    kind: ClassVar[str] = "tandem.partner.vacancy-submitted.v1"
    data: VacancyData
    organisations: tuple[str, ...]

    @classmethod
    def of(cls, record: RecordInfo, data: VacancyData) -> "VacancySubmitted":
        organisations = candidate_keys(record.partner, "organisation", data.organisation)
        vacancy = external_key(record.partner, "vacancy", data.vacancy)
        return cls(record, vacancy, organisations, record.dedup_key, data, organisations)


def decide(
    policy: Policy, identify: Identify, states: Mapping[str, KeyedState], submission: VacancySubmitted, time: datetime
) -> Iterator[Output]:
    """Open the vacancy, correct the contact data of its tandem partners, or reject it.

    It is rejected if the organisation is unknown, only interested or short of gate B, if the vacancy is open already and something
    else than contact data differs, or if its first day is out of reach.
    """
    before = states[submission.subject]
    organisation = resolve_reference(Organisation, states, submission.organisations, submission, "/data/organisation")
    if isinstance(organisation, Receipt):
        yield organisation
    elif isinstance(before, Vacancy):
        yield from _correct(policy, identify, before, organisation, submission)
    elif why := next(date_limits.start_errors(submission.data.starts_on, local_date(time, organisation.zone)), None):
        yield receipts.rejected_field(submission, "invalid-data", "/data/starts_on", why)
    elif why := _not_ready(organisation, missing := gates.missing_items(organisation).b):
        yield receipts.rejected_field(submission, "not-ready", "/data/organisation", why, missing=missing)
    else:
        yield from _open(_new(policy, identify, organisation, submission), organisation, submission)


def _not_ready(organisation: Organisation, missing_b: tuple[str, ...]) -> str:
    """Return the steps that are left before the organisation can open a vacancy; empty if it is ready."""
    steps = []
    if organisation.status == "interested":
        steps.append("its status is `interested`: submit it again with the status `taking_part`")
    if missing_b:
        steps.append("report the items listed in `missing` (`tandem contract items` explains them)")
    return "; ".join(steps) + ("; then resend this event" if steps else "")


def _correct(
    policy: Policy, identify: Identify, before: Vacancy, organisation: Organisation, submission: VacancySubmitted
) -> Iterator[Output]:
    """Update the contact data of the tandem partners; nothing else of an open vacancy can change."""
    after = _new(policy, identify, organisation, submission)
    same = (after.content, after.organisation) == (before.content, before.organisation)
    if not same or after.partner_contacts == before.partner_contacts:
        why = "is already open, and only the contact data of its tandem partners can change; use a new id for another vacancy"
        yield receipts.rejected_field(submission, "already-open", "/data/vacancy", why)
        return
    corrected = msgspec.structs.replace(before, partner_contacts=after.partner_contacts)
    yield from receipts.accepted(submission, corrected, gates.missing_items(corrected))
    yield from _contacts(corrected, organisation, submission)


def _open(vacancy: Vacancy, organisation: Organisation, submission: VacancySubmitted) -> Iterator[Output]:
    missing = gates.missing_items(vacancy)
    yield from receipts.accepted(submission, vacancy, missing, _advice(submission))
    yield _opened(vacancy, organisation, submission, missing.s)
    yield gates.progressed(vacancy, missing)
    yield from _contacts(vacancy, organisation, submission)
    yield from _texts(vacancy, submission)


def _contacts(vacancy: Vacancy, organisation: Organisation, submission: VacancySubmitted) -> Iterator[Message]:
    for nth, partner in enumerate(submission.data.tandem.partners):
        yield private_messages.contact(vacancy.key, "partner", partner, organisation.language, organisation.zone, nth)


def _new(policy: Policy, identify: Identify, organisation: Organisation, submission: VacancySubmitted) -> Vacancy:
    data = submission.data
    return Vacancy(
        key=submission.subject,
        owner=submission.record.partner,
        policy_version=policy.version,
        answered_by_data=gates.items_answered_by("vacancy", data.answers),
        answers={},
        optional_texts=("other-duties",) if data.other_duties is not None else (),
        organisation=organisation.id,
        has_tandem=data.tandem.form != "none",
        contract_form=data.contract.form,
        content=_content(data),
        partner_contacts=tuple(
            identify("", f"{partner.name}\n{partner.email}\n{partner.phone or ''}") for partner in data.tandem.partners
        ),
    )


def _content(data: VacancyData) -> str:
    """Hash everything but contact data and the reference, which may be either id. A field that the contract gains later and that is
    left out does not count."""
    described = data.model_dump_json(exclude={"organisation": True, "tandem": {"partners"}}, exclude_defaults=True)
    return sha256(f"{len(data.tandem.partners)} {described}".encode()).hexdigest()


def _advice(submission: VacancySubmitted) -> list[Advice]:
    if not submission.data.diploma_required:
        return []
    detail = "few people with experience of poverty have a diploma; require one only if the law does"
    return [Advice("/data/diploma_required", detail)]


def _opened(
    vacancy: Vacancy, organisation: Organisation, submission: VacancySubmitted, missing_s: tuple[str, ...]
) -> VacancyOpened:
    data = submission.data
    return VacancyOpened(
        vacancy=vacancy.id,
        organisation=vacancy.organisation,
        motives=organisation.motives,
        target_groups=organisation.target_groups,
        tasks=tuple(_task(task) for task in data.tasks),
        qualities=data.qualities,
        interests=data.interests,
        competences=data.competences,
        languages=data.languages,
        region=data.region,
        hours=data.hours,
        cooperation_form=data.cooperation_form,
        tandem_form=data.tandem.form,
        partner_type=data.tandem.partner_type,
        partners=len(data.tandem.partners),
        starts_on=data.starts_on,
        language=organisation.language,
        zone=organisation.zone,
        missing_s=missing_s,
    )


def _task(task: TaskData) -> Task:
    return Task(task.category, task.setting, task.lowers_threshold)


def _texts(vacancy: Vacancy, submission: VacancySubmitted) -> Iterator[Message]:
    data = submission.data
    goals = {f"goal_{nth}": task.goal for nth, task in enumerate(data.tasks)}
    yield from private_messages.texts(
        vacancy.key,
        title=data.title,
        place=data.place,
        job_description=data.job_description,
        team_description=data.team_description,
        pay=data.contract.pay,
        **goals,
    )
    yield from private_messages.optional_texts(vacancy.key, (), {"other-duties": data.other_duties})
