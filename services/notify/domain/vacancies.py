"""A place, its shortlist and the mediator's pick. Pure: no clock, no database, no bus."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from services.notify.domain.effects import SaveText
from services.notify.domain.emails import SendEmail, facts, of_programme
from services.notify.domain.inputs import PageAnswered
from shared.messages.code_lists import Language, TandemForm
from shared.messages.envelope import Envelope, Message
from shared.messages.intake import ReadinessProgressed, Task, VacancyOpened
from shared.messages.matching import (
    Candidate,
    MatchDeclined,
    MatchExpired,
    MatchProposed,
    MatchWithdrawn,
    ShortlistDrawn,
    TandemFormed,
)
from shared.messages.notify import CandidatePicked, ReplyReceived
from shared.pipeline.decider import Effect


class Vacancy(msgspec.Struct, frozen=True):
    """What is sought (`organisation` is None until the vacancy opens), the list as last drawn, and what became of it.

    `match` is the proposal that is open or led to a tandem; `picked` the expert whom the mediator chose from this list. A list that
    is drawn again opens the choice again: matching lets a pick pass that no longer holds, and then draws.
    """

    key: str
    organisation: UUID | None = None
    tasks: tuple[Task, ...] = ()
    hours: int = 0
    region: str = ""
    tandem_form: TandemForm = "none"
    partners: int = 0
    starts_on: date | None = None
    language: Language | None = None
    zone: str | None = None
    missing_s: tuple[str, ...] = ()
    revision: int = 0
    total: int = 0
    candidates: tuple[Candidate, ...] = ()
    picked: UUID | None = None
    match: UUID | None = None

    @property
    def choosable(self) -> bool:
        """Whether the mediator can pick: the vacancy is known, and nobody is picked, being asked or at work."""
        return self.organisation is not None and self.match is None and self.picked is None

    def candidate(self, expert: UUID) -> Candidate | None:
        return next((one for one in self.candidates if one.expert == expert), None)


def drawn(vacancy: Vacancy, heard: Envelope[ShortlistDrawn]) -> Iterator[SendEmail]:
    """A list that is drawn again is on the same page; only one that was empty is told of again, as the page promised."""
    list_ = heard.data
    if list_.candidates and not vacancy.candidates:
        told = facts(organisation=list_.organisation, vacancy=list_.vacancy, total=list_.eligible_count)
        yield SendEmail(heard.id, "shortlist", of_programme("mediator"), vacancy.key, told)


def picked(vacancy: Vacancy, heard: Envelope[PageAnswered]) -> Iterator[Message | Effect]:
    """The mediator's choice, from the list as it is now; words of explanation stay here."""
    reply: Any = heard.data.reply
    if not vacancy.choosable or vacancy.candidate(reply.expert) is None:
        return
    yield ReplyReceived(role=heard.data.role, reply=reply)
    if heard.data.words:
        yield SaveText(vacancy.key, f"why-{reply.expert}", heard.data.words)


def evolve(vacancy: Vacancy, fact: Message) -> Vacancy:
    change = msgspec.structs.replace
    match fact:
        case VacancyOpened():
            return _opened(vacancy, fact)
        case ReadinessProgressed(vacancy=UUID()):
            return change(vacancy, missing_s=fact.missing_s)
        case ShortlistDrawn():
            return change(vacancy, revision=fact.revision, total=fact.eligible_count, candidates=fact.candidates, picked=None)
        case ReplyReceived(reply=CandidatePicked(expert=expert)):
            return change(vacancy, picked=expert)
        case MatchProposed() | TandemFormed():
            return change(vacancy, match=fact.match, picked=fact.expert)
        case MatchDeclined() | MatchExpired() | MatchWithdrawn() if fact.match == vacancy.match:
            return change(_without(vacancy, fact) if _is_gone(fact) else vacancy, match=None, picked=None)
        case _:
            return vacancy


def _is_gone(fact: MatchDeclined | MatchExpired | MatchWithdrawn) -> bool:
    """Whether the expert cannot be picked again for this place; who let the days pass can."""
    return isinstance(fact, MatchDeclined) or (isinstance(fact, MatchWithdrawn) and fact.reason != "vacancy_closed")


def _without(vacancy: Vacancy, fact: MatchDeclined | MatchExpired | MatchWithdrawn) -> Vacancy:
    left = tuple(one for one in vacancy.candidates if one.expert != fact.expert)
    gone = len(vacancy.candidates) - len(left)
    return msgspec.structs.replace(vacancy, candidates=left, total=vacancy.total - gone)


def _opened(vacancy: Vacancy, fact: VacancyOpened) -> Vacancy:
    return msgspec.structs.replace(
        vacancy,
        organisation=fact.organisation,
        tasks=fact.tasks,
        hours=fact.hours,
        region=fact.region,
        tandem_form=fact.tandem_form,
        partners=fact.partners,
        starts_on=fact.starts_on,
        language=fact.language,
        zone=fact.zone,
        missing_s=fact.missing_s,
    )
