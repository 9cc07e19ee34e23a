"""A tandem: its start, its exploration phase and its evaluation (R127-R132). Pure: no clock, database or network."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any, Final, Literal, assert_never
from uuid import UUID

import msgspec

from services.notify.domain.effects import SendEmail, end_of_day, facts
from services.notify.domain.inputs import PageAnswered, TandemInput
from services.notify.domain.people import Person, coordinator, expert, in_role, of_programme, partners
from services.notify.domain.vacancies import Vacancy
from shared.messages.coaching import (
    EvaluationCompleted,
    EvaluationDue,
    EvaluationScheduled,
    ExplorationStarted,
    ReplyRefused,
    Stage,
    StartWaiting,
)
from shared.messages.code_lists import Role
from shared.messages.envelope import Envelope, Message
from shared.messages.ids import entity_key
from shared.messages.matching import TandemExpertWithdrawn, TandemFormed
from shared.messages.notify import EvaluationHeld, EvaluationMoved, ReplyReceived
from shared.programme.date_range import DateRange
from shared.programme.evaluation_window import held_range, move_range
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
"""Recipients of a stage that the current policy does not name: it was scheduled under an earlier one."""


class Tandem(msgspec.Struct, frozen=True):
    """A tandem and its evaluation.

    `starts_on` is None until the tandem is formed, `began_on` until it began, `on` (with `at`, a local time or None) until the
    evaluation is scheduled. `reported_held_on`, `requested_date` and `requested_time` are answers from a page that coaching has
    not confirmed yet: it completes or schedules the evaluation, or refuses the answer, and each clears them.
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
    reported_held_on: date | None = None
    requested_date: date | None = None
    requested_time: time | None = None

    def today(self, now: datetime) -> date:
        """Return the tandem's local date at `now` (aware)."""
        return local_date(now, self.zone)

    def can_be_held(self, held_on: date, now: datetime) -> bool:
        """Return True if the evaluation can be reported as held on this day: once, from four weeks after the start until today."""
        allowed = self.held_range(now)
        return allowed is not None and held_on in allowed

    def can_move(self, to: date, now: datetime) -> bool:
        """Return True if the evaluation can move to this day: after today and the first day, within half a year of the latter."""
        allowed = self.move_range(now)
        return allowed is not None and to in allowed

    def held_range(self, now: datetime) -> DateRange | None:
        """Return the days on which the evaluation can have been held; None if it cannot be reported."""
        return held_range(self.began_on, self.today(now)) if self.open and self.began_on else None

    def move_range(self, now: datetime) -> DateRange | None:
        """Return the days to which the evaluation can move; None if it cannot."""
        first_day = self.began_on or self.starts_on
        return move_range(first_day, self.today(now)) if self.open and first_day else None

    @property
    def open(self) -> bool:
        """True if the evaluation is scheduled and not yet reported as held."""
        return self.on is not None and self.held_on is None and self.reported_held_on is None

    @property
    def planned(self) -> tuple[date | None, time | None]:
        """The evaluation's date and time, a pending request included."""
        return (self.requested_date, self.requested_time) if self.requested_date else (self.on, self.at)


def on_formed(tandem: Tandem, vacancy: Vacancy, incoming: Envelope[TandemFormed]) -> Iterator[SendEmail]:
    """Send the start emails if the evaluation is known; otherwise they follow when it is scheduled, on another topic."""
    if tandem.on is not None:
        yield from _start_emails(evolve(tandem, incoming.data), vacancy, incoming.id)


def decide(
    tandem: Tandem, vacancy: Vacancy, incoming: Envelope[Any], reminder_recipients: ReminderRecipients
) -> Iterator[SendEmail]:
    """Return the emails that follow from a message of coaching."""
    message: TandemInput = incoming.data
    people = participants(message.organisation, message.expert, message.vacancy, vacancy)
    match message:
        case EvaluationScheduled(sequence=0):
            if tandem.starts_on is not None:
                yield from _start_emails(evolve(tandem, message), vacancy, incoming.causationid or incoming.id)
        case EvaluationScheduled():
            day_after = end_of_day(message.on, message.zone)
            yield from _emails(incoming, "evaluation_moved", people, _evaluation_facts(message), day_after)
        case ExplorationStarted(started_on=day):
            yield from _emails(incoming, "exploration", people, facts(started_on=day))
        case StartWaiting(starts_on=day, missing_items=missing):
            yield from _emails(incoming, "start_waiting", people[:1], facts(starts_on=day, missing_s=missing))
        case EvaluationDue(stage=stage):
            roles = reminder_recipients.get(stage, DEFAULT_RECIPIENTS[stage])
            recipients = [person for role in roles for person in _in_role(role, people)]
            expires_at = end_of_day(message.on, message.zone) if stage in STAGES_BEFORE_EVALUATION else None
            yield from _emails(incoming, f"evaluation_{stage}", recipients, _evaluation_facts(message), expires_at)
        case EvaluationCompleted():
            pass
        case _:
            assert_never(message)


def on_answer(
    tandem: Tandem, reply: EvaluationHeld | EvaluationMoved, incoming: Envelope[PageAnswered]
) -> Iterator[ReplyReceived | SendEmail]:
    """Publish that the evaluation was held, once, or that it moves, with a reason; it cannot be cancelled (R132).

    Otherwise something changed after the page accepted the form, and the person gets an email, unless it is known already."""
    role, nth, now = incoming.data.role, incoming.data.nth, incoming.time
    if _accepts(tandem, reply, now):
        yield ReplyReceived(role=role, reply=reply, nth=nth)
    elif not _is_known(tandem, reply):
        allowed = tandem.held_range(now) if isinstance(reply, EvaluationHeld) else tandem.move_range(now)
        earliest, latest = (None, None) if allowed is None or allowed.is_empty else allowed
        action: Literal["held", "moved"] = "held" if isinstance(reply, EvaluationHeld) else "moved"
        day = reply.held_on if isinstance(reply, EvaluationHeld) else reply.to
        content = facts(refusal="date" if tandem.open else "already_held", refused_day=day, earliest=earliest, latest=latest)
        yield from _refusal_email(tandem, incoming.id, action, role, nth, content)


def _accepts(tandem: Tandem, reply: EvaluationHeld | EvaluationMoved, now: datetime) -> bool:
    if isinstance(reply, EvaluationHeld):
        return tandem.can_be_held(reply.held_on, now)
    return tandem.can_move(reply.to, now) and (reply.to, reply.at) != tandem.planned


def _is_known(tandem: Tandem, reply: EvaluationHeld | EvaluationMoved) -> bool:
    if isinstance(reply, EvaluationHeld):
        return reply.held_on == (tandem.held_on or tandem.reported_held_on)
    return tandem.open and (reply.to, reply.at) == tandem.planned


def on_refused(tandem: Tandem, incoming: Envelope[ReplyRefused]) -> Iterator[SendEmail]:
    """Inform the person why the reply changed nothing, with the possible days."""
    refused = incoming.data
    content = facts(refusal=refused.reason, refused_day=refused.day, earliest=refused.earliest, latest=refused.latest)
    yield from _refusal_email(tandem, incoming.id, refused.action, refused.role, refused.nth, content)


def _refusal_email(
    tandem: Tandem, cause: UUID, action: Literal["held", "moved"], role: Role, nth: int, content: dict[str, Any]
) -> Iterator[SendEmail]:
    """A person who could reply has seen the evaluation, so the tandem is known here."""
    if tandem.organisation and tandem.expert and tandem.vacancy:
        template = "report_refused" if action == "held" else "move_refused"
        ids = facts(organisation=tandem.organisation, vacancy=tandem.vacancy, expert=tandem.expert)
        person = in_role(role, nth, tandem.organisation, tandem.expert, tandem.vacancy)
        yield SendEmail(cause, template, person, tandem.key, ids | content)


def on_expert_withdrawn(vacancy: Vacancy, incoming: Envelope[TandemExpertWithdrawn]) -> Iterator[SendEmail]:
    """Inform everyone in the tandem, the mediator and the advice team; the tandem continues until people decide otherwise."""
    withdrawn = incoming.data
    people = [
        *participants(withdrawn.organisation, withdrawn.expert, withdrawn.vacancy, vacancy),
        of_programme("mediator"),
        of_programme("advice_team"),
    ]
    content = facts(organisation=withdrawn.organisation, vacancy=withdrawn.vacancy, expert=withdrawn.expert)
    for person in people:
        yield SendEmail(incoming.id, "expert_withdrawn", person, entity_key("tandem", withdrawn.tandem), content)


def open_emails(tandem: Tandem, vacancy: Vacancy, person: Person, cause: UUID, now: datetime) -> Iterator[SendEmail]:
    """Return the open emails of a participant with a new name or address at `now` (aware): the start or the evaluation."""
    if tandem.on is None or tandem.starts_on is None:
        return
    today = tandem.today(now)
    if tandem.began_on is None and tandem.starts_on >= today:
        yield from (email for email in _start_emails(tandem, vacancy, cause) if email.to == person)
    elif tandem.open and tandem.on >= today:
        yield _evaluation_email(tandem, "evaluation_invitation", person, cause)
    elif tandem.open and person.role == "coordinator":
        yield SendEmail(cause, "evaluation_coordinator", person, tandem.key, _facts_of(tandem))


def cancellation(tandem: Tandem, former: Person, cause: UUID, now: datetime) -> Iterator[SendEmail]:
    """Take the evaluation out of the calendar of a participant who left."""
    if tandem.open and tandem.on and tandem.on >= tandem.today(now):
        yield _evaluation_email(tandem, "calendar_cancelled", former, cause)


def _evaluation_email(tandem: Tandem, template: str, person: Person, cause: UUID) -> SendEmail:
    assert tandem.on
    return SendEmail(cause, template, person, tandem.key, _facts_of(tandem), end_of_day(tandem.on, tandem.zone))


def _facts_of(tandem: Tandem) -> dict[str, Any]:
    ids = facts(organisation=tandem.organisation, vacancy=tandem.vacancy, expert=tandem.expert)
    return ids | facts(on=tandem.on, at=tandem.at, zone=tandem.zone, sequence=tandem.sequence)


def participants(organisation: UUID, expert_id: UUID, vacancy_id: UUID, vacancy: Vacancy) -> list[Person]:
    """Return the coordinator, the expert and each tandem partner, in this order.

    The vacancy is known before its tandem, because the expert was picked on the vacancy's page.
    """
    return [coordinator(organisation), expert(expert_id), *partners(vacancy_id, vacancy.partners)]


def _in_role(role: Role, people: list[Person]) -> list[Person]:
    return [person for person in people if person.role == role] if role in PARTICIPANTS else [of_programme(role)]


def _emails(
    incoming: Envelope[Any],
    template: str,
    recipients: list[Person],
    content: dict[str, Any],
    expires_at: datetime | None = None,
) -> Iterator[SendEmail]:
    message: TandemInput = incoming.data
    with_ids = facts(organisation=message.organisation, vacancy=message.vacancy, expert=message.expert) | content
    for person in recipients:
        yield SendEmail(incoming.id, template, person, message.subject, with_ids, expires_at)


def _evaluation_facts(evaluation: EvaluationScheduled | EvaluationDue) -> dict[str, Any]:
    return facts(on=evaluation.on, at=evaluation.at, zone=evaluation.zone, sequence=evaluation.sequence)


def _start_emails(tandem: Tandem, vacancy: Vacancy, cause: UUID) -> Iterator[SendEmail]:
    assert tandem.organisation and tandem.expert and tandem.vacancy and tandem.starts_on
    content = facts(
        organisation=tandem.organisation,
        vacancy=tandem.vacancy,
        expert=tandem.expert,
        partners=vacancy.partners,
        starts_on=tandem.starts_on,
        on=tandem.on,
        at=tandem.at,
        zone=tandem.zone,
        sequence=tandem.sequence,
    )
    for person in participants(tandem.organisation, tandem.expert, tandem.vacancy, vacancy):
        yield SendEmail(cause, "start", person, tandem.key, content, end_of_day(tandem.starts_on, tandem.zone))


def evolve(tandem: Tandem, event: Message) -> Tandem:
    replace = msgspec.structs.replace
    match event:
        case TandemFormed():
            return replace(_with_ids(tandem, event), starts_on=event.starts_on, zone=event.zone)
        case EvaluationScheduled():
            scheduled = replace(_with_ids(tandem, event), on=event.on, at=event.at, zone=event.zone, sequence=event.sequence)
            return replace(scheduled, requested_date=None, requested_time=None)
        case ReplyReceived(reply=EvaluationHeld(held_on=day)):
            return replace(tandem, reported_held_on=day)
        case ReplyReceived(reply=EvaluationMoved(to=day, at=at)):
            return replace(tandem, requested_date=day, requested_time=at)
        case ExplorationStarted():
            return replace(_with_ids(tandem, event), began_on=event.started_on)
        case ReplyRefused(action="held"):
            return replace(tandem, reported_held_on=None)
        case ReplyRefused(action="moved"):
            return replace(tandem, requested_date=None, requested_time=None)
        case EvaluationCompleted():
            return replace(_with_ids(tandem, event), held_on=event.held_on)
        case _:
            return tandem


def _with_ids(tandem: Tandem, event: TandemFormed | TandemInput) -> Tandem:
    return msgspec.structs.replace(tandem, vacancy=event.vacancy, organisation=event.organisation, expert=event.expert)
