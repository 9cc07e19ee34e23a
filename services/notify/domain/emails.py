"""The delivery of one email to one person. Pure: no clock, database or network."""

from collections.abc import Iterator
from typing import Literal, assert_never
from uuid import UUID

import msgspec

from services.notify.domain.effects import SendEmail, facts
from services.notify.domain.inputs import EmailDelivered, EmailSkipped, EmailUndeliverable, SkipReason, Unreachable
from services.notify.domain.people import of_programme
from shared.messages.code_lists import Role
from shared.messages.envelope import Message
from shared.messages.ids import deterministic_uuid
from shared.messages.notify import EmailFailed, EmailSent, FailureReason

Input = EmailDelivered | EmailUndeliverable | EmailSkipped
NAMESPACE = UUID("6f1d3f0e-0d8e-5f7c-9a35-5f0c1d2b7a41")


class EmailDelivery(msgspec.Struct, frozen=True):
    """An email from the moment it is queued until its outcome is known."""

    key: str
    template: str = ""
    about: str = ""
    role: Role = "coordinator"
    cause: UUID | None = None
    status: Literal["waiting", "sent", "failed", "skipped"] = "waiting"
    reason: FailureReason | SkipReason | None = None


def decide(delivery: EmailDelivery, message: Input) -> Iterator[Message | SendEmail]:
    """Publish the first outcome; later ones change nothing. A skipped email is recorded in its row only."""
    if delivery.status != "waiting":
        return
    about, template, role, cause = delivery.about, delivery.template, delivery.role, delivery.cause
    match message:
        case EmailDelivered(email=id, attempts=attempts):
            yield EmailSent(id, template, about, role, attempts, cause)
        case EmailUndeliverable(email=id, reason=reason, unreachable=unreachable):
            yield EmailFailed(id, template, about, role, reason, cause)
            if unreachable:
                yield _advice_email(unreachable)
        case EmailSkipped():
            pass
        case _:
            assert_never(message)


def _advice_email(unreachable: Unreachable) -> SendEmail:
    """Ask the advice team to find the right address: once for each person and address."""
    person = unreachable.person
    cause = deterministic_uuid(NAMESPACE, f"{person.subject}/{person.role}/{person.nth}/{unreachable.address_tag}")
    if person.role == "expert":
        content = facts(expert=UUID(person.subject.partition("/")[2]))
        return SendEmail(cause, "unreachable_expert", of_programme("advice_team"), person.subject, content)
    content = facts(organisation=unreachable.organisation, who=person.role)
    return SendEmail(cause, "unreachable_organisation", of_programme("advice_team"), person.subject, content)


def evolve(delivery: EmailDelivery, event: Message) -> EmailDelivery:
    match event:
        case EmailSent():
            return msgspec.structs.replace(delivery, status="sent")
        case EmailFailed(reason=reason):
            return msgspec.structs.replace(delivery, status="failed", reason=reason)
        case EmailSkipped(reason=reason) if delivery.status == "waiting":
            return msgspec.structs.replace(delivery, status="skipped", reason=reason)
        case _:
            return delivery
