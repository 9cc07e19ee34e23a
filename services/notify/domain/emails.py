"""The delivery of one email to one person. Pure: no clock, database or network."""

from collections.abc import Iterator
from typing import Literal, assert_never
from uuid import UUID

import msgspec

from services.notify.domain.inputs import EmailDelivered, EmailSkipped, EmailUndeliverable, SkipReason
from shared.messages.code_lists import Role
from shared.messages.envelope import Message
from shared.messages.notify import EmailFailed, EmailSent, FailureReason

Input = EmailDelivered | EmailUndeliverable | EmailSkipped


class EmailDelivery(msgspec.Struct, frozen=True):
    """An email from the moment it is queued until its outcome is known."""

    key: str
    template: str = ""
    about: str = ""
    role: Role = "coordinator"
    cause: UUID | None = None
    status: Literal["waiting", "sent", "failed", "skipped"] = "waiting"
    reason: FailureReason | SkipReason | None = None


def decide(delivery: EmailDelivery, message: Input) -> Iterator[Message]:
    """Publish the first outcome; later ones change nothing. A skipped email is recorded in its row only."""
    if delivery.status != "waiting":
        return
    about, template, role, cause = delivery.about, delivery.template, delivery.role, delivery.cause
    match message:
        case EmailDelivered(email=id, attempts=attempts):
            yield EmailSent(id, template, about, role, attempts, cause)
        case EmailUndeliverable(email=id, reason=reason):
            yield EmailFailed(id, template, about, role, reason, cause)
        case EmailSkipped():
            pass
        case _:
            assert_never(message)


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
