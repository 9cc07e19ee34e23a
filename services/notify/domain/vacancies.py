"""A vacancy, its shortlist and the mediator's pick. Pure: no clock, database or network."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import msgspec

from services.notify.domain.effects import SaveText, SendEmail, facts
from services.notify.domain.inputs import PageAnswered
from services.notify.domain.people import of_programme
from shared.messages.code_lists import Language, TandemForm
from shared.messages.envelope import Envelope, Message
from shared.messages.intake import ReadinessProgressed, Task, VacancyOpened
from shared.messages.matching import (
    AnswerRefusal,
    Candidate,
    MatchDeclined,
    MatchExpired,
    MatchProposed,
    MatchWithdrawn,
    PickRefusal,
    ReplyRefused,
    ShortlistDrawn,
    TandemFormed,
)
from shared.messages.notify import CandidatePicked, ReplyReceived
from shared.pipeline.decider import Effect


class Vacancy(msgspec.Struct, frozen=True):
    """A vacancy (`organisation` is None until it opens) with its latest shortlist and its outcome.

    `match` is the proposal that is open or led to a tandem. `picked` is the expert whom the mediator picked, and `picked_first_day`
    the first day if they chose one; matching answers every pick with a proposal or a refusal, which clears them.
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
    eligible_count: int = 0
    candidates: tuple[Candidate, ...] = ()
    picked: UUID | None = None
    picked_first_day: date | None = None
    match: UUID | None = None

    @property
    def can_pick(self) -> bool:
        """True if the vacancy is open and no expert has been picked, proposed or placed."""
        return self.organisation is not None and self.match is None and self.picked is None

    def candidate(self, expert: UUID) -> Candidate | None:
        return next((candidate for candidate in self.candidates if candidate.expert == expert), None)


def on_shortlist(vacancy: Vacancy, incoming: Envelope[ShortlistDrawn]) -> Iterator[SendEmail]:
    """Notify the mediator when an empty shortlist gets candidates; otherwise the page just shows the new one."""
    shortlist = incoming.data
    if shortlist.candidates and not vacancy.candidates:
        size = facts(organisation=shortlist.organisation, vacancy=shortlist.vacancy, total=shortlist.eligible_count)
        yield SendEmail(incoming.id, "shortlist", of_programme("mediator"), vacancy.key, size)


def on_pick(vacancy: Vacancy, picked: CandidatePicked, incoming: Envelope[PageAnswered]) -> Iterator[Message | Effect]:
    """Publish the mediator's pick if the candidate is on the current shortlist; store the explanation locally.

    Otherwise something changed after the page accepted the form, and the mediator gets an email, unless it is the same pick."""
    if vacancy.can_pick and vacancy.candidate(picked.expert):
        yield ReplyReceived(role=incoming.data.role, reply=picked, nth=incoming.data.nth)
        if incoming.data.words:
            yield SaveText(vacancy.key, f"why-{picked.expert}", incoming.data.words)
    elif vacancy.picked != picked.expert:
        yield _refusal_email(vacancy, incoming.id, "not_listed" if vacancy.can_pick else "proposal_open")


def on_refused(vacancy: Vacancy, incoming: Envelope[ReplyRefused]) -> Iterator[SendEmail]:
    """Inform the mediator why the pick led to no proposal."""
    refused = incoming.data
    yield _refusal_email(vacancy, incoming.id, refused.reason, refused.earliest, refused.latest)


def _refusal_email(
    vacancy: Vacancy, cause: UUID, reason: PickRefusal | AnswerRefusal, earliest: date | None = None, latest: date | None = None
) -> SendEmail:
    id = vacancy.key.partition("/")[2]
    content = facts(organisation=vacancy.organisation, vacancy=id, refusal=reason, earliest=earliest, latest=latest)
    return SendEmail(cause, "pick_refused", of_programme("mediator"), vacancy.key, content)


def evolve(vacancy: Vacancy, event: Message) -> Vacancy:
    replace = msgspec.structs.replace
    match event:
        case VacancyOpened():
            return _opened(vacancy, event)
        case ReadinessProgressed(vacancy=UUID()):
            return replace(vacancy, missing_s=event.missing_s)
        case ShortlistDrawn():
            return replace(vacancy, revision=event.revision, eligible_count=event.eligible_count, candidates=event.candidates)
        case ReplyReceived(reply=CandidatePicked(expert=expert, starts_on=first_day)):
            return replace(vacancy, picked=expert, picked_first_day=first_day)
        case ReplyRefused(match=None, expert=expert) if vacancy.match is None and expert == vacancy.picked:
            return replace(vacancy, picked=None, picked_first_day=None)
        case MatchProposed() | TandemFormed():
            return replace(vacancy, match=event.match, picked=event.expert)
        case MatchDeclined() | MatchExpired() | MatchWithdrawn() if event.match == vacancy.match:
            remaining = _without(vacancy, event) if _is_excluded(event) else vacancy
            return replace(remaining, match=None, picked=None, picked_first_day=None)
        case _:
            return vacancy


def _is_excluded(event: MatchDeclined | MatchExpired | MatchWithdrawn) -> bool:
    """Return True if the expert cannot be picked again for this vacancy; after an expired proposal they can."""
    return isinstance(event, MatchDeclined) or (isinstance(event, MatchWithdrawn) and event.reason != "vacancy_closed")


def _without(vacancy: Vacancy, event: MatchDeclined | MatchExpired | MatchWithdrawn) -> Vacancy:
    remaining = tuple(candidate for candidate in vacancy.candidates if candidate.expert != event.expert)
    removed = len(vacancy.candidates) - len(remaining)
    return msgspec.structs.replace(vacancy, candidates=remaining, eligible_count=vacancy.eligible_count - removed)


def _opened(vacancy: Vacancy, event: VacancyOpened) -> Vacancy:
    return msgspec.structs.replace(
        vacancy,
        organisation=event.organisation,
        tasks=event.tasks,
        hours=event.hours,
        region=event.region,
        tandem_form=event.tandem_form,
        partners=event.partners,
        starts_on=event.starts_on,
        language=event.language,
        zone=event.zone,
        missing_s=event.missing_s,
    )
