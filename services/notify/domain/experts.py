"""Experts, and the email about the next step of those not yet eligible. Pure: no clock, database or network."""

from collections.abc import Iterator
from typing import Any, Literal, assert_never
from uuid import UUID

import msgspec

from services.notify.domain.effects import SendEmail, facts
from services.notify.domain.people import expert
from shared.messages.code_lists import Competence, Criterion, Experience, Language
from shared.messages.envelope import Envelope, Message
from shared.messages.intake import ExpertNotYetEligible, ExpertRegistered

Input = ExpertRegistered | ExpertNotYetEligible


class Expert(msgspec.Struct, frozen=True):
    """An eligible expert's profile for the pages; otherwise the criteria missing (R056) and the next step (R057)."""

    key: str
    language: Language | None = None
    zone: str | None = None
    experience: Experience | None = None
    competences: tuple[Competence, ...] = ()
    missing: tuple[Criterion, ...] = ()
    next_step: Literal["training", "talk"] | None = None


def decide(person: Expert, incoming: Envelope[Any]) -> Iterator[SendEmail]:
    """Send the next step to a person who is not yet eligible, and again only if it changed."""
    message: Input = incoming.data
    match message:
        case ExpertNotYetEligible(missing=missing, next_step=step):
            if (person.missing, person.next_step) != (missing, step):
                yield from open_emails(evolve(person, message), incoming.id)
        case ExpertRegistered():
            pass
        case _:
            assert_never(message)


def open_emails(person: Expert, cause: UUID) -> Iterator[SendEmail]:
    """Return the email about the next step, if there is one."""
    if person.next_step:
        next_step = facts(missing=person.missing, next_step=person.next_step)
        yield SendEmail(cause, "next_step", expert(UUID(person.key.partition("/")[2])), person.key, next_step)


def evolve(person: Expert, event: Message) -> Expert:
    match event:
        case ExpertRegistered():
            return Expert(person.key, event.language, event.zone, event.experience, event.competences)
        case ExpertNotYetEligible():
            return Expert(person.key, event.language, event.zone, missing=event.missing, next_step=event.next_step)
        case _:
            return person
