"""A vacancy asks to be opened: once the organisation's gate B is met, and never with a secondment (R060, R069, R108-R113). Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from services.intake.contract.vacancy import Task as SubmittedTask
from services.intake.domain import date_limits, gates, private_messages, receipts
from services.intake.domain.inputs import VacancySubmitted
from services.intake.domain.references import resolve_reference
from services.intake.domain.states import Organisation, State, Vacancy
from shared.messages.envelope import Message
from shared.messages.intake import Fault, Receipt, Task, VacancyOpened
from shared.programme.local_dates import local_date
from shared.programme.policy import Policy


def decide(policy: Policy, states: Mapping[str, State], heard: VacancySubmitted, time: datetime) -> Iterator[Message]:
    """Opened, with what is missing before the first working day; or refused: not there, not yours, open already, not ready, or
    with a first day that has gone by on the organisation's calendar."""
    organisation = resolve_reference(Organisation, states, heard.organisations, heard, "/data/organisation")
    if isinstance(organisation, Receipt):
        yield organisation
    elif isinstance(states[heard.subject], Vacancy):
        yield receipts.refused(heard, "already-open", "/data/vacancy", "is open; give another vacancy an id of its own")
    elif why := next(date_limits.wrong_start(heard.data.starts_on, local_date(time, organisation.zone)), None):
        yield receipts.refused(heard, "invalid-data", "/data/starts_on", why)
    elif not (open := gates.missing(organisation)).met("B"):
        why = "the items in missing come before a vacancy (`tandem contract items` names them): report them, and send this again"
        yield receipts.refused(heard, "not-ready", "/data/organisation", why, missing=open.b)
    else:
        yield from _opened(accept(policy, heard, organisation.id), organisation, heard)


def accept(policy: Policy, heard: VacancySubmitted, organisation: UUID) -> Vacancy:
    """The open vacancy; what its own data say answers the catalogue."""
    return Vacancy(
        key=heard.subject,
        owner=heard.arrival.partner,
        organisation=organisation,
        tandem=heard.data.tandem.form != "none",
        contract=heard.data.contract.form,
        by_data=gates.by_data("vacancy", heard.data.answers),
        answers={},
        policy=policy.version,
    )


def _opened(now: Vacancy, organisation: Organisation, heard: VacancySubmitted) -> Iterator[Message]:
    open = gates.missing(now)
    yield receipts.accepted(heard, now, open, _advice(heard))
    yield _said(now, organisation, heard, open.s)
    yield gates.progressed(now, open)
    for nth, partner in enumerate(heard.data.tandem.partners):
        yield private_messages.contact(now.key, "partner", partner, organisation.language, organisation.zone, nth)
    yield from _texts(now, heard)


def _advice(heard: VacancySubmitted) -> list[Fault]:
    if not heard.data.diploma_required:
        return []
    return [
        Fault("/data/diploma_required", "few people who know poverty have a diploma: ask for one only where the law does (R029)")
    ]


def _said(now: Vacancy, organisation: Organisation, heard: VacancySubmitted, missing_s: tuple[str, ...]) -> VacancyOpened:
    data = heard.data
    return VacancyOpened(
        vacancy=now.id,
        organisation=now.organisation,
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


def _task(task: SubmittedTask) -> Task:
    return Task(task.category, task.setting, task.lowers_threshold)


def _texts(now: Vacancy, heard: VacancySubmitted) -> Iterator[Message]:
    data = heard.data
    goals = {f"goal_{nth}": task.goal for nth, task in enumerate(data.tasks)}
    return private_messages.texts(
        now.key,
        title=data.title,
        place=data.place,
        job_description=data.job_description,
        team_description=data.team_description,
        other_duties=data.other_duties,
        pay=data.contract.pay,
        **goals,
    )
