"""A tandem: its start, its first weeks, and the talk after three months (R127-R132). Pure: no clock, no database, no bus."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any, Final, assert_never
from uuid import UUID

import msgspec

from services.notify.domain.emails import Person, SendEmail, coordinator, end_of, expert, facts, of_programme, partners
from services.notify.domain.inputs import OfTandem, PageAnswered
from services.notify.domain.vacancies import Vacancy
from shared.messages.coaching import (
    EvaluationCompleted,
    EvaluationDue,
    EvaluationScheduled,
    ExplorationStarted,
    Stage,
    StartWaiting,
)
from shared.messages.code_lists import Role
from shared.messages.envelope import Envelope, Message
from shared.messages.matching import TandemFormed
from shared.messages.notify import EvaluationHeld, EvaluationMoved, ReplyReceived
from shared.programme.evaluation_window import may_be_held, may_move
from shared.programme.local_dates import local_date

ReminderRecipients = Mapping[Stage, tuple[Role, ...]]
PARTICIPANTS: Final[tuple[Role, ...]] = ("coordinator", "expert", "partner")
STAGES_BEFORE_EVALUATION: Final[tuple[Stage, ...]] = ("invitation", "reminder_7", "reminder_1")
DEFAULT_RECIPIENTS: Final[ReminderRecipients] = {
    "invitation": PARTICIPANTS,
    "reminder_7": PARTICIPANTS,
    "reminder_1": PARTICIPANTS,
    "coordinator": ("coordinator",),
    "advice_team": ("advice_team",),
    "lead": ("lead",),
}
"""Who hears a stage that the policy no longer names: it was planned under an earlier one."""


class Tandem(msgspec.Struct, frozen=True):
    """A tandem and its fixed talk. `starts_on` is None until it is formed, `began_on` until it began, `on` until it is planned.

    `said_…` is what somebody answered on a page and coaching has not yet confirmed; what it goes on to ask for, it did not take.
    """

    key: str
    vacancy: UUID | None = None
    organisation: UUID | None = None
    expert: UUID | None = None
    starts_on: date | None = None
    zone: str = ""
    began_on: date | None = None
    on: date | None = None
    at: time | None = None
    sequence: int = 0
    held_on: date | None = None
    said_held_on: date | None = None
    said_to: date | None = None
    said_at: time | None = None

    def today(self, now: datetime) -> date:
        """The tandem's local date at this moment (an aware datetime)."""
        return local_date(now, self.zone)

    def can_be_held(self, held_on: date, now: datetime) -> bool:
        """A talk is reported once, on a day from four weeks after the pair began until today (`now` is aware)."""
        return self.open and self.began_on is not None and may_be_held(held_on, self.began_on, self.today(now))

    def can_move(self, to: date, now: datetime) -> bool:
        """A talk moves to a day after today and after the first day, within half a year of it (`now` is aware)."""
        first = self.began_on or self.starts_on
        return self.open and first is not None and may_move(to, first, self.today(now))

    @property
    def open(self) -> bool:
        """Whether the talk is planned, and nobody reported it."""
        return self.on is not None and self.held_on is None and self.said_held_on is None

    @property
    def planned(self) -> tuple[date | None, time | None]:
        """The day and hour that stand now, those that were just asked for included."""
        return (self.said_to, self.said_at) if self.said_to else (self.on, self.at)


def formed(tandem: Tandem, vacancy: Vacancy, heard: Envelope[TandemFormed]) -> Iterator[SendEmail]:
    """The start letters name the day of the talk, which another topic brings: they go when both are known."""
    if tandem.on is not None:
        yield from _start(evolve(tandem, heard.data), vacancy, heard.id)


def decide(tandem: Tandem, vacancy: Vacancy, heard: Envelope[Any], chase: ReminderRecipients) -> Iterator[SendEmail]:
    """Which letters follow from what coaching says."""
    message: OfTandem = heard.data
    people = everyone(message.organisation, message.expert, message.vacancy, vacancy)
    match message:
        case EvaluationScheduled(sequence=0):
            if tandem.starts_on is not None:
                yield from _start(evolve(tandem, message), vacancy, heard.causationid or heard.id)
        case EvaluationScheduled():
            yield from _letters(heard, "evaluation_moved", people, _talk(message), end_of(message.on, message.zone))
        case ExplorationStarted(started_on=day):
            yield from _letters(heard, "exploration", people, facts(started_on=day))
        case StartWaiting(starts_on=day, missing_items=missing):
            yield from _letters(heard, "start_waiting", people[:1], facts(starts_on=day, missing_s=missing))
        case EvaluationDue(stage=stage):
            chosen = [person for role in chase.get(stage, DEFAULT_RECIPIENTS[stage]) for person in _in_role(role, people)]
            until = end_of(message.on, message.zone) if stage in STAGES_BEFORE_EVALUATION else None
            yield from _letters(heard, f"evaluation_{stage}", chosen, _talk(message), until)
        case EvaluationCompleted():
            pass
        case _:
            assert_never(message)


def answered(tandem: Tandem, heard: Envelope[PageAnswered]) -> Iterator[Message]:
    """A talk that was held is reported once; one that was not can move, with a reason, and never disappears (R132)."""
    match heard.data.reply:
        case EvaluationHeld(held_on=day) if tandem.can_be_held(day, heard.time):
            yield ReplyReceived(role=heard.data.role, reply=heard.data.reply)
        case EvaluationMoved(to=day, at=at) if tandem.can_move(day, heard.time) and (day, at) != tandem.planned:
            yield ReplyReceived(role=heard.data.role, reply=heard.data.reply)
        case _:
            pass


def everyone(organisation: UUID, person: UUID, vacancy_id: UUID, vacancy: Vacancy) -> list[Person]:
    """The coordinator first, the expert, and each tandem partner.

    The vacancy is known here before any tandem is: nobody is picked but on its page.
    """
    return [coordinator(organisation), expert(person), *partners(vacancy_id, vacancy.partners)]


def _in_role(role: Role, people: list[Person]) -> list[Person]:
    return [person for person in people if person.role == role] if role in PARTICIPANTS else [of_programme(role)]


def _letters(
    heard: Envelope[Any], template: str, people: list[Person], told: dict[str, Any], until: datetime | None = None
) -> Iterator[SendEmail]:
    it: OfTandem = heard.data
    with_names = facts(organisation=it.organisation, vacancy=it.vacancy, expert=it.expert) | told
    for person in people:
        yield SendEmail(heard.id, template, person, it.subject, with_names, until)


def _talk(it: EvaluationScheduled | EvaluationDue) -> dict[str, Any]:
    return facts(on=it.on, at=it.at, zone=it.zone, sequence=it.sequence)


def _start(tandem: Tandem, vacancy: Vacancy, cause: UUID) -> Iterator[SendEmail]:
    organisation, person, place = tandem.organisation, tandem.expert, tandem.vacancy
    assert organisation and person and place and tandem.starts_on
    told = facts(
        organisation=organisation,
        vacancy=place,
        expert=person,
        partners=vacancy.partners,
        starts_on=tandem.starts_on,
        on=tandem.on,
        at=tandem.at,
        zone=tandem.zone,
        sequence=tandem.sequence,
    )
    for to in everyone(organisation, person, place, vacancy):
        yield SendEmail(cause, "start", to, tandem.key, told, end_of(tandem.starts_on, tandem.zone))


def evolve(tandem: Tandem, fact: Message) -> Tandem:
    change = msgspec.structs.replace
    match fact:
        case TandemFormed():
            return change(_known(tandem, fact), starts_on=fact.starts_on, zone=fact.zone)
        case EvaluationScheduled():
            planned = change(_known(tandem, fact), on=fact.on, at=fact.at, zone=fact.zone, sequence=fact.sequence)
            return change(planned, said_to=None, said_at=None)
        case ReplyReceived(reply=EvaluationHeld(held_on=day)):
            return change(tandem, said_held_on=day)
        case ReplyReceived(reply=EvaluationMoved(to=day, at=at)):
            return change(tandem, said_to=day, said_at=at)
        case ExplorationStarted():
            return change(_known(tandem, fact), began_on=fact.started_on)
        case EvaluationDue():
            return change(tandem, said_held_on=None, said_to=None, said_at=None)
        case EvaluationCompleted():
            return change(_known(tandem, fact), held_on=fact.held_on)
        case _:
            return tandem


def _known(tandem: Tandem, fact: TandemFormed | OfTandem) -> Tandem:
    return msgspec.structs.replace(tandem, vacancy=fact.vacancy, organisation=fact.organisation, expert=fact.expert)
