"""`expert-submitted`: an expert if all three criteria hold, otherwise a person with a next step (R053-R057). Pure."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import ClassVar, Final, Literal
from uuid import UUID

from services.intake.contract.expert import Criteria
from services.intake.contract.expert import Expert as ExpertData
from services.intake.domain import date_limits, private_messages, receipts
from services.intake.domain.states import KeyedState, OwnedState, Person
from services.intake.domain.submission import Output, RecordInfo, Submission
from services.intake.identity import Identify
from services.intake.ids import external_key
from shared.messages.code_lists import Criterion
from shared.messages.intake import Advice, ExpertNotYetEligible, ExpertRegistered
from shared.programme.local_dates import local_date
from shared.programme.policy import Policy

MAX_DUPLICATES: Final = 20


class Expert(OwnedState, frozen=True):
    """A person with experience: an expert if no criterion is missing (R056).

    `possible_duplicates`: the experts with the same name and address, as last published.
    """

    missing: tuple[Criterion, ...]
    possible_duplicates: tuple[UUID, ...] = ()


class ExpertSubmitted(Submission, frozen=True):
    kind: ClassVar[str] = "tandem.partner.expert-submitted.v1"
    data: ExpertData

    @classmethod
    def of(cls, record: RecordInfo, data: ExpertData) -> "ExpertSubmitted":
        return cls(record, external_key(record.partner, "expert", data.expert), (), record.dedup_key, data)

    def person(self, identify: Identify) -> str:
        """The entity key of the person with this name and address."""
        return identify(self.data.name, self.data.email)


def decide(policy: Policy, before: KeyedState, person: KeyedState, submission: ExpertSubmitted, time: datetime) -> Iterator[Output]:
    """Accept the person, unless the date is out of reach. A person who lacks a criterion is accepted with a next step (R057).

    The same name and address under another id may be the same person: the receipt carries advice, and a mediator has to look.
    """
    data, zone = submission.data, submission.data.zone or policy.zone
    today = local_date(time, zone)
    if why := next(date_limits.horizon_errors(data.available_from, today), None):
        yield receipts.rejected_field(submission, "invalid-data", "/data/available_from", why)
        return
    missing = _missing(policy, data.criteria, today)
    after = _updated(policy, before, person, submission, missing)
    advice = [*_duplicate_advice(after), *(_advice(policy, criterion) for criterion in missing)]
    yield from receipts.accepted(submission, after, advice=advice, person=person.key)
    if missing:
        next_step: Literal["training", "talk"] = "training" if missing == ("training",) else "talk"
        yield ExpertNotYetEligible(after.id, missing, next_step, data.language, zone)
    else:
        yield _registered(before, after, submission, zone)
    yield private_messages.contact(after.key, "expert", data, data.language, zone)


def _updated(
    policy: Policy, before: KeyedState, person: KeyedState, submission: ExpertSubmitted, missing: tuple[Criterion, ...]
) -> Expert:
    version = before.policy_version if isinstance(before, Expert) else policy.version
    others = tuple(expert for expert in _experts(person) if expert != before.id)
    return Expert(before.key, submission.record.partner, version, missing, others)


def _experts(person: KeyedState) -> tuple[UUID, ...]:
    return person.experts if isinstance(person, Person) else ()


def with_expert(person: KeyedState, expert: UUID) -> KeyedState:
    """The person with one more expert id; beyond a limit the ids known are warning enough."""
    known = _experts(person)
    return person if expert in known or len(known) >= MAX_DUPLICATES else Person(person.key, (*known, expert))


def _duplicate_advice(expert: Expert) -> Iterator[Advice]:
    if expert.possible_duplicates:
        detail = "this name and address are registered under another id; use one id per person. The programme will review it"
        yield Advice("/data/expert", detail)


def _missing(policy: Policy, criteria: Criteria, today: date) -> tuple[Criterion, ...]:
    """The criteria that do not hold. A training counts if it is on the programme's list and finished by today (R055)."""
    training = criteria.training
    held: dict[Criterion, bool] = {
        "own_experience": criteria.own_experience,
        "behind_the_person": criteria.behind_the_person,
        "training": bool(training and training.code in policy.trainings_that_count and training.finished_on <= today),
    }
    return tuple(criterion for criterion, holds in held.items() if not holds)


def _advice(policy: Policy, criterion: Criterion) -> Advice:
    if criterion == "training":
        codes = ", ".join(policy.trainings_that_count)
        return Advice("/data/criteria/training", f"no completed training that counts ({codes}); the next step is a training")
    return Advice(f"/data/criteria/{criterion}", "is not met yet; the next step is a talk with the programme")


def _registered(before: KeyedState, expert: Expert, submission: ExpertSubmitted, zone: str) -> ExpertRegistered:
    data = submission.data
    published = before.possible_duplicates if isinstance(before, Expert) else ()
    return ExpertRegistered(
        expert=expert.id,
        experience=data.experience,
        task_categories=data.task_categories,
        target_groups=data.target_groups,
        qualities=data.qualities,
        interests=data.interests,
        competences=data.competences,
        languages=data.languages,
        regions=data.regions,
        hours_min=data.hours.min,
        hours_max=data.hours.max,
        available_from=data.available_from,
        language=data.language,
        zone=zone,
        possible_duplicate_of=expert.possible_duplicates,
        no_longer_duplicate_of=tuple(id for id in published if id not in expert.possible_duplicates),
    )
