"""What somebody hears who offers to work as expert. Pure: no clock, no database, no bus."""

from collections.abc import Iterator
from typing import Any, Literal, assert_never

import msgspec

from services.notify.domain.emails import SendEmail, expert, facts
from shared.messages.code_lists import Competence, Criterion, Experience, Language
from shared.messages.envelope import Envelope, Message
from shared.messages.intake import ExpertNotYetEligible, ExpertRegistered

Input = ExpertRegistered | ExpertNotYetEligible


class Expert(msgspec.Struct, frozen=True):
    """What an expert brings, for the pages; or what is still missing (R056), and the next step (R057)."""

    key: str
    language: Language | None = None
    zone: str | None = None
    experience: Experience | None = None
    competences: tuple[Competence, ...] = ()
    missing: tuple[Criterion, ...] = ()
    next_step: Literal["training", "talk"] | None = None


def decide(person: Expert, heard: Envelope[Any]) -> Iterator[SendEmail]:
    """Who is not yet eligible hears the next step, and hears it again only when it is another one."""
    message: Input = heard.data
    match message:
        case ExpertNotYetEligible(missing=missing, next_step=step):
            if (person.missing, person.next_step) != (missing, step):
                yield SendEmail(heard.id, "next_step", expert(message.expert), person.key, facts(missing=missing, next_step=step))
        case ExpertRegistered():
            pass
        case _:
            assert_never(message)


def evolve(person: Expert, fact: Message) -> Expert:
    match fact:
        case ExpertRegistered():
            return Expert(person.key, fact.language, fact.zone, fact.experience, fact.competences)
        case ExpertNotYetEligible():
            return Expert(person.key, fact.language, fact.zone, missing=fact.missing, next_step=fact.next_step)
        case _:
            return person
