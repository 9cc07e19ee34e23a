"""The calendar entry of a talk: one UID a tandem, a sequence that grows with each move (R132). Pure: no clock, no database."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vCalAddress, vDDDTypes, vInt, vText
from icalendar.parser import Contentline

LENGTH = timedelta(minutes=75)
TITLE = "Samen terugkijken"


class Meeting(NamedTuple):
    """A talk on a local day, at an hour or none, in a zone. `uid` stays the same when it moves."""

    uid: str
    on: date
    at: time | None
    zone: str
    sequence: int


class EmailAddress(NamedTuple):
    """A name with its address."""

    name: str
    email: str


def invitation(talk: Meeting, organiser: EmailAddress, guest: EmailAddress, written: datetime) -> str:
    """An iCalendar request (RFC 5545, 5546) whose title tells a stranger nothing; without an hour it takes the whole day."""
    before, after = _calendar_frame(talk.zone if talk.at else None, talk.on.year, organiser)
    return before + "".join(_lines(talk, guest, written)) + after


@cache
def _calendar_frame(zone: str | None, year: int, organiser: EmailAddress) -> tuple[str, str]:
    """What stands before and after what an entry has of its own; with a zone, its rules until the end of the next year."""
    calendar = Calendar()
    calendar.add("prodid", "-//Tandem//NL")
    calendar.add("version", "2.0")
    calendar.add("method", "REQUEST")
    if zone:
        rules = Timezone.from_tzinfo(ZoneInfo(zone), first_date=date(year, 1, 1), last_date=date(year + 1, 12, 31))
        calendar.add_component(rules)
    event = Event()
    event.add("summary", TITLE)
    event.add("status", "CONFIRMED")
    event.add("transp", "OPAQUE" if zone else "TRANSPARENT")
    event.add("organizer", _address(organiser))
    calendar.add_component(event)
    before, end, rest = str(calendar.to_ical(), "utf-8").rpartition("END:VEVENT")
    return before, end + rest


def _lines(talk: Meeting, guest: EmailAddress, written: datetime) -> Iterator[str]:
    """What an entry has of its own."""
    start: date = datetime.combine(talk.on, talk.at, ZoneInfo(talk.zone)) if talk.at else talk.on
    own: dict[str, vText | vInt | vDDDTypes | vCalAddress] = {
        "UID": vText(talk.uid),
        "SEQUENCE": vInt(talk.sequence),
        "DTSTAMP": vDDDTypes(written.astimezone(UTC)),
        "DTSTART": vDDDTypes(start),
        "DTEND": vDDDTypes(start + (LENGTH if talk.at else timedelta(days=1))),
        "ATTENDEE": _address(guest, rsvp="FALSE", partstat="ACCEPTED", role="REQ-PARTICIPANT"),
    }
    for name, value in own.items():
        yield str(Contentline.from_parts(name, value.params, value).to_ical(), "utf-8") + "\r\n"


def _address(who: EmailAddress, **parameters: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{who.email}")
    for name, value in {"cn": who.name, **parameters}.items():
        address.params[name] = vText(value)
    return address
