"""What an organisation hears while it gets ready. Pure: no clock, no database, no bus."""

from collections.abc import Iterator
from typing import Any, assert_never

import msgspec

from services.notify.domain.emails import SendEmail, coordinator, facts
from shared.messages.code_lists import Gate, Language
from shared.messages.envelope import Envelope, Message
from shared.messages.intake import OrganisationRegistered, ReadinessCompleted, ReadinessProgressed

Input = OrganisationRegistered | ReadinessProgressed | ReadinessCompleted
TEMPLATES: dict[Gate, str] = {"B": "ready_b", "S": "ready_s"}


class Organisation(msgspec.Struct, frozen=True):
    """What is still open for each gate; `language` is None until the organisation is registered."""

    key: str
    language: Language | None = None
    zone: str | None = None
    missing_b: tuple[str, ...] = ()
    missing_s: tuple[str, ...] = ()


def decide(organisation: Organisation, heard: Envelope[Any]) -> Iterator[SendEmail]:
    """A welcome once (R045), and a letter when a gate is met; the steps in between are on the page: nobody drowns in mail."""
    message: Input = heard.data
    match message:
        case OrganisationRegistered(organisation=id):
            if organisation.language is None:
                told = facts(organisation=id, missing_b=message.missing_b)
                yield SendEmail(heard.id, "welcome", coordinator(id), message.subject, told)
        case ReadinessCompleted(organisation=id, gate=gate):
            told = facts(organisation=id, missing_s=organisation.missing_s)
            yield SendEmail(heard.id, TEMPLATES[gate], coordinator(id), organisation.key, told)
        case ReadinessProgressed():
            pass
        case _:
            assert_never(message)


def evolve(organisation: Organisation, fact: Message) -> Organisation:
    match fact:
        case OrganisationRegistered():
            return Organisation(organisation.key, fact.language, fact.zone, fact.missing_b, fact.missing_s)
        case ReadinessProgressed(vacancy=None):
            return msgspec.structs.replace(organisation, missing_b=fact.missing_b, missing_s=fact.missing_s)
        case _:
            return organisation
