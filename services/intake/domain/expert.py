"""A person with experience submits: an expert when all three criteria hold, else the next step (R053-R057). Pure."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Literal

from services.intake.contract.expert import Criteria
from services.intake.domain import date_limits, private_messages, receipts
from services.intake.domain.inputs import ExpertSubmitted
from services.intake.domain.states import Expert, StoredState
from shared.messages.code_lists import Criterion
from shared.messages.envelope import Message
from shared.messages.intake import ExpertNotYetEligible, ExpertRegistered, Fault
from shared.programme.local_dates import local_date
from shared.programme.policy import Policy


def decide(policy: Policy, was: StoredState, heard: ExpertSubmitted, time: datetime) -> Iterator[Message]:
    """Accepted, unless nobody can plan with the date: a person for whom something is missing is welcome too, and hears what the
    next step is (R057)."""
    data, zone = heard.data, heard.data.zone or policy.zone
    today = local_date(time, zone)
    if why := next(date_limits.too_far(data.available_from, today), None):
        yield receipts.refused(heard, "invalid-data", "/data/available_from", why)
        return
    missing = _missing(policy, data.criteria, today)
    yield receipts.accepted(heard, was, advice=[_advice(policy, criterion) for criterion in missing])
    if missing:
        next_step: Literal["training", "talk"] = "training" if missing == ("training",) else "talk"
        yield ExpertNotYetEligible(was.id, missing, next_step, data.language, zone)
    else:
        yield _registered(was, heard, zone)
    yield private_messages.contact(was.key, "expert", data, data.language, zone)


def accept(policy: Policy, was: StoredState, heard: ExpertSubmitted) -> Expert:
    """The person as submitted last; the policy version stays the one it started with."""
    return Expert(was.key, heard.arrival.partner, (), was.policy if isinstance(was, Expert) else policy.version)


def _missing(policy: Policy, criteria: Criteria, today: date) -> tuple[Criterion, ...]:
    """Which of the three criteria do not hold; a training counts when the programme lists it and it is finished (R055)."""
    training = criteria.training
    held: dict[Criterion, bool] = {
        "own_experience": criteria.own_experience,
        "behind_the_person": criteria.behind_the_person,
        "training": bool(training and training.code in policy.trainings_that_count and training.finished_on <= today),
    }
    return tuple(criterion for criterion, holds in held.items() if not holds)


def _advice(policy: Policy, criterion: Criterion) -> Fault:
    """What the partner can do for this person."""
    if criterion == "training":
        codes = ", ".join(policy.trainings_that_count)
        return Fault("/data/criteria/training", f"no finished training that counts here ({codes}): the next step is a training")
    return Fault(f"/data/criteria/{criterion}", "does not hold yet: the next step is a talk with the programme")


def _registered(now: StoredState, heard: ExpertSubmitted, zone: str) -> ExpertRegistered:
    data = heard.data
    return ExpertRegistered(
        expert=now.id,
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
    )
