"""Readiness of an organisation, and the emails about it. Pure: no clock, database or network."""

from collections.abc import Iterator
from typing import Any, assert_never
from uuid import UUID

import msgspec

from services.notify.domain.effects import SendEmail, facts
from services.notify.domain.people import coordinator
from shared.messages.code_lists import Gate, Language
from shared.messages.envelope import Envelope, Message
from shared.messages.ids import entity_key
from shared.messages.intake import OrganisationRegistered, ReadinessCompleted, ReadinessProgressed

Input = OrganisationRegistered | ReadinessProgressed | ReadinessCompleted
TEMPLATES: dict[Gate, str] = {"B": "ready_b", "S": "ready_s"}


class Organisation(msgspec.Struct, frozen=True):
    """The readiness items missing for gates B and S; `language` is None until the organisation is registered."""

    key: str
    language: Language | None = None
    zone: str | None = None
    missing_b: tuple[str, ...] = ()
    missing_s: tuple[str, ...] = ()


def decide(organisation: Organisation, incoming: Envelope[Any]) -> Iterator[SendEmail]:
    """Welcome a new coordinator once (R045) and report each gate that is met; single items show on the page only."""
    message: Input = incoming.data
    match message:
        case OrganisationRegistered(organisation=id):
            if organisation.language is None:
                yield _welcome(incoming.id, id, message.missing_b)
        case ReadinessCompleted(organisation=id, gate=gate):
            missing = facts(organisation=id, missing_s=organisation.missing_s)
            yield SendEmail(incoming.id, TEMPLATES[gate], coordinator(id), organisation.key, missing)
        case ReadinessProgressed():
            pass
        case _:
            assert_never(message)


def open_emails(organisation: Organisation, cause: UUID) -> Iterator[SendEmail]:
    """Return the open email of a new coordinator, or of one with a new address: the welcome with the step plan."""
    if organisation.language is not None:
        yield _welcome(cause, UUID(organisation.key.partition("/")[2]), organisation.missing_b)


def _welcome(cause: UUID, id: UUID, missing_b: tuple[str, ...]) -> SendEmail:
    content = facts(organisation=id, missing_b=missing_b)
    return SendEmail(cause, "welcome", coordinator(id), entity_key("organisation", id), content)


def evolve(organisation: Organisation, event: Message) -> Organisation:
    match event:
        case OrganisationRegistered():
            return Organisation(organisation.key, event.language, event.zone, event.missing_b, event.missing_s)
        case ReadinessProgressed(vacancy=None):
            return msgspec.structs.replace(organisation, missing_b=event.missing_b, missing_s=event.missing_s)
        case _:
            return organisation
