"""Receipts: the answer to each record of a partner. Pure."""

from collections.abc import Iterator, Sequence
from typing import Literal
from uuid import UUID

from services.intake.domain.gates import Missing
from services.intake.domain.states import OwnedState
from services.intake.domain.submission import Output, RecordRejected, Submission, SubmissionAccepted
from services.intake.problems import SEE_ERRORS, Name, problem
from shared.messages.intake import Advice, FieldError, Problem, Receipt

Outcome = Literal["accepted", "duplicate", "conflict", "rejected"]


def accepted(
    submission: Submission,
    state: OwnedState,
    missing: Missing | None = None,
    advice: Sequence[Advice] = (),
    person: str | None = None,
) -> Iterator[Output]:
    """Accept a submission: yield its receipt, and the event that stores `state`. `missing`: readiness items of that state."""
    yield _receipt(submission, "accepted", state.key, state.id, missing=missing, advice=advice)
    yield SubmissionAccepted(state, submission.dedup_key, submission.record.digest, person)


def duplicate(submission: Submission, tandem_id: UUID) -> Receipt:
    """The same event was accepted before."""
    return _receipt(submission, "duplicate", submission.subject, tandem_id)


def conflict(submission: Submission) -> Receipt:
    """An event with the same id and another body was accepted before."""
    detail = "An event with this source and id was accepted in the last 30 days. Give this event a new id."
    return _receipt(submission, "conflict", submission.subject, problem=problem("conflict", detail))


def rejected_field(submission: Submission, name: Name, pointer: str, why: str, missing: tuple[str, ...] = ()) -> Receipt:
    """Reject a valid submission because a rule does not allow one of its fields. It may be sent again under the same id."""
    return rejected(submission, problem(name, f"Nothing was changed. {SEE_ERRORS}", FieldError(pointer, why), missing=missing))


def rejected(message: Submission | RecordRejected, problem: Problem) -> Receipt:
    """Reject a record because of `problem`."""
    return _receipt(message, "rejected", message.subject, problem=problem)


def _receipt(
    message: Submission | RecordRejected,
    outcome: Outcome,
    about: str,
    tandem_id: UUID | None = None,
    *,
    missing: Missing | None = None,
    advice: Sequence[Advice] = (),
    problem: Problem | None = None,
) -> Receipt:
    record = message.record
    return Receipt(
        partner=record.partner,
        about=about,
        outcome=outcome,
        topic_name=record.topic,
        partition=record.partition,
        offset=record.offset,
        event_id=record.event_id,
        event_source=record.event_source,
        event_type=record.event_type,
        tandem_id=tandem_id,
        unknown_attributes=record.unknown_attributes,
        unknown_fields=record.unknown_fields,
        missing_b=missing.b if missing else None,
        missing_s=missing.s if missing else None,
        advice=tuple(advice),
        problem=problem,
    )
