"""The calendar invite of an evaluation: one UID per tandem, SEQUENCE grows with each move (R132). Pure: no clock or database."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vCalAddress, vDDDTypes, vInt, vText
from icalendar.parser import Contentline

DURATION = timedelta(minutes=75)
TITLE = "Samen terugkijken"


class Meeting(NamedTuple):
    """A meeting on a local date in `zone`, at a local time or all day (`at` is None). `uid` stays the same when it moves."""

    uid: str
    on: date
    at: time | None
    zone: str
    sequence: int


class EmailAddress(NamedTuple):
    """A name with its address."""

    name: str
    email: str


def calendar_invite(meeting: Meeting, organiser: EmailAddress, attendee: EmailAddress, created_at: datetime) -> str:
    """Return an iCalendar request (RFC 5545, RFC 5546) whose title reveals nothing about the programme."""
    before, after = _calendar_frame(meeting.zone if meeting.at else None, meeting.on.year, organiser)
    return before + "".join(_event_lines(meeting, attendee, created_at)) + after


@cache
def _calendar_frame(zone: str | None, year: int, organiser: EmailAddress) -> tuple[str, str]:
    """Return the text before and after the lines that differ per event; a zone adds its rules until the end of the next year."""
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
    before, end, after = str(calendar.to_ical(), "utf-8").rpartition("END:VEVENT")
    return before, end + after


def _event_lines(meeting: Meeting, attendee: EmailAddress, created_at: datetime) -> Iterator[str]:
    start: date = datetime.combine(meeting.on, meeting.at, ZoneInfo(meeting.zone)) if meeting.at else meeting.on
    properties: dict[str, vText | vInt | vDDDTypes | vCalAddress] = {
        "UID": vText(meeting.uid),
        "SEQUENCE": vInt(meeting.sequence),
        "DTSTAMP": vDDDTypes(created_at.astimezone(UTC)),
        "DTSTART": vDDDTypes(start),
        "DTEND": vDDDTypes(start + (DURATION if meeting.at else timedelta(days=1))),
        "ATTENDEE": _address(attendee, rsvp="FALSE", partstat="ACCEPTED", role="REQ-PARTICIPANT"),
    }
    for name, value in properties.items():
        yield str(Contentline.from_parts(name, value.params, value).to_ical(), "utf-8") + "\r\n"


def _address(it: EmailAddress, **parameters: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{it.email}")
    for name, value in {"cn": it.name, **parameters}.items():
        address.params[name] = vText(value)
    return address
