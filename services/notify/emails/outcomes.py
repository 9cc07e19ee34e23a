"""Outcomes of send attempts as messages for notify's decider."""

from typing import Any, Literal, NamedTuple
from uuid import UUID

from services.notify.domain.inputs import EmailDelivered, EmailSkipped, EmailUndeliverable, SkipReason, Unreachable
from services.notify.domain.people import PROGRAMME, is_former
from services.notify.emails.queue import PendingEmail
from services.notify.emails.smtp import Outcome
from shared import clock
from shared.log import log
from shared.messages.envelope import Envelope
from shared.messages.ids import deterministic_uuid
from shared.messages.notify import FailureReason

MAX_ATTEMPTS = 2


class Result(NamedTuple):
    """The outcome of the latest attempt; `attempts` counts those that may have reached the person, this one included.

    `not_rendered`: its data or template has a fault, which a deployment may fix. `bad_address`: not deliverable to this address.
    """

    email: PendingEmail
    outcome: Outcome | Literal["not_rendered", "bad_address"]
    attempts: int
    address_tag: str = ""
    """Keyed hash of the address, if that is what failed."""


def is_final(email: PendingEmail) -> bool:
    """Return True if no attempt is left: it was accepted before a crash, or all attempts are used up."""
    return email.accepted or email.attempts >= MAX_ATTEMPTS


def final_result(email: PendingEmail) -> Result:
    """Return the result of an email that `is_final`."""
    return Result(email, "accepted" if email.accepted else "unknown", email.attempts)


def outcome_message(result: Result) -> Envelope[Any] | None:
    """Return the message to record, or None if the email is to be tried again."""
    email, outcome, attempts, address_tag = result
    match outcome:
        case "accepted":
            return _envelope(email, EmailDelivered(email.id, attempts), "delivered")
        case "rejected" | "bad_address":
            return undeliverable(email, outcome, _unreachable(email, address_tag))
        case "unknown":
            return undeliverable(email, "gave_up") if attempts >= MAX_ATTEMPTS else None
        case "deferred":
            return undeliverable(email, "gave_up") if email.overdue else None
        case "not_rendered":
            return undeliverable(email, "not_rendered") if email.overdue else None


def _unreachable(email: PendingEmail, address_tag: str) -> Unreachable | None:
    """Return the unreachable person, for the advice team. Returns None for the programme's own people and for those who left."""
    if not address_tag or email.to.subject == PROGRAMME or is_former(email.to):
        return None
    own = email.to.subject.partition("/")[2] if email.to.role == "coordinator" else None
    organisation = own or email.facts.get("organisation")
    return Unreachable(email.to, address_tag, UUID(organisation) if organisation else None)


def undeliverable(email: PendingEmail, reason: FailureReason, unreachable: Unreachable | None = None) -> Envelope[Any]:
    """Return the message, and log it: `tandem status` counts these, and an operator must look."""
    log.warning("email_failed", email=str(email.id), template=email.template, role=email.to.role, reason=reason)
    return _envelope(email, EmailUndeliverable(email.id, reason, unreachable), "undeliverable")


def skipped(email: PendingEmail, reason: SkipReason) -> Envelope[Any]:
    return _envelope(email, EmailSkipped(email.id, reason), "skipped")


def _envelope(email: PendingEmail, message: EmailDelivered | EmailUndeliverable | EmailSkipped, name: str) -> Envelope[Any]:
    return Envelope(
        id=deterministic_uuid(email.id, name),
        source="/tandem/notify",
        subject=message.subject,
        time=clock.now(),
        causationid=email.cause,
        correlationid=email.correlation,
        traceparent=email.traceparent,
        data=message,
    )
