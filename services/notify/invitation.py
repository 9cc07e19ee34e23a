"""The calendar entry of a talk: one UID a tandem, a sequence that grows with each move (R132). Pure: no clock, no database."""

from datetime import date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vCalAddress, vText

LENGTH = timedelta(minutes=75)
TITLE = "Samen terugkijken"


class Talk(NamedTuple):
    """A talk on a local day, at an hour or none, in a zone. `uid` stays the same when it moves."""

    uid: str
    on: date
    at: time | None
    zone: str
    sequence: int


class Mailbox(NamedTuple):
    """A name with its address."""

    name: str
    email: str


def invitation(talk: Talk, organiser: Mailbox, guest: Mailbox, written: datetime) -> str:
    """An iCalendar request (RFC 5545, 5546) whose title tells a stranger nothing; without an hour it takes the whole day."""
    before, after = _around(talk.zone if talk.at else None, talk.on.year)
    return before + str(_event(talk, organiser, guest, written).to_ical(), "utf-8") + after


@cache
def _around(zone: str | None, year: int) -> tuple[str, str]:
    """What stands before and after every event of this year; with a zone, its rules until the end of the next year."""
    calendar = Calendar()
    calendar.add("prodid", "-//Tandem//NL")
    calendar.add("version", "2.0")
    calendar.add("method", "REQUEST")
    if zone:
        rules = Timezone.from_tzinfo(ZoneInfo(zone), first_date=date(year, 1, 1), last_date=date(year + 1, 12, 31))
        calendar.add_component(rules)
    before, end, rest = str(calendar.to_ical(), "utf-8").rpartition("END:VCALENDAR")
    return before, end + rest


def _event(talk: Talk, organiser: Mailbox, guest: Mailbox, written: datetime) -> Event:
    event = Event()
    event.add("uid", talk.uid)
    event.add("sequence", talk.sequence)
    event.add("dtstamp", written)
    event.add("summary", TITLE)
    event.add("status", "CONFIRMED")
    start: date = datetime.combine(talk.on, talk.at, ZoneInfo(talk.zone)) if talk.at else talk.on
    event.add("dtstart", start)
    event.add("dtend", start + (LENGTH if talk.at else timedelta(days=1)))
    event.add("transp", "OPAQUE" if talk.at else "TRANSPARENT")
    event.add("organizer", _address(organiser))
    event.add("attendee", _address(guest, rsvp="FALSE", partstat="ACCEPTED", role="REQ-PARTICIPANT"))
    return event


def _address(who: Mailbox, **parameters: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{who.email}")
    for name, value in {"cn": who.name, **parameters}.items():
        address.params[name] = vText(value)
    return address
