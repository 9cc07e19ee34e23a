"""The calendar entry of an evaluation: one UID per tandem, SEQUENCE grows with each move (R132). Pure: no clock or database."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vDDDTypes, vInt, vText
from icalendar.parser import Contentline

from shared.programme.plain_text import one_line

DURATION = timedelta(minutes=75)
TITLE = "Samen terugkijken"
Method = Literal["REQUEST", "CANCEL"]


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


def calendar_invite(
    meeting: Meeting, organiser: EmailAddress, attendee: EmailAddress, created_at: datetime, method: Method = "REQUEST"
) -> str:
    """Return an iCalendar object (RFC 5545, RFC 5546) whose title reveals nothing about the programme.

    An hour is written in UTC, which every calendar program reads alike. A time zone with its rules is not: some programs know no
    RDATE, take the first of several rules, or replace the zone by one of their own.
    """
    before, after = _calendar_frame(method, meeting.at is None, organiser)
    return before + "".join(_event_lines(meeting, attendee, created_at)) + after


@cache
def _calendar_frame(method: Method, all_day: bool, organiser: EmailAddress) -> tuple[str, str]:
    """Return the text before and after the lines that differ per event."""
    calendar = Calendar()
    calendar.add("prodid", "-//Tandem//NL")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    event = Event()
    event.add("summary", TITLE)
    event.add("status", "CONFIRMED" if method == "REQUEST" else "CANCELLED")
    event.add("transp", "TRANSPARENT" if all_day else "OPAQUE")
    event.add("organizer", _address(organiser))
    calendar.add_component(event)
    before, end, after = str(calendar.to_ical(), "utf-8").rpartition("END:VEVENT")
    return before, end + after


def _event_lines(meeting: Meeting, attendee: EmailAddress, created_at: datetime) -> Iterator[str]:
    start, end = _period(meeting)
    properties: dict[str, vText | vInt | vDDDTypes | vCalAddress] = {
        "UID": vText(meeting.uid),
        "SEQUENCE": vInt(meeting.sequence),
        "DTSTAMP": vDDDTypes(created_at.astimezone(UTC)),
        "DTSTART": vDDDTypes(start),
        "DTEND": vDDDTypes(end),
        "ATTENDEE": _address(attendee, rsvp="FALSE", partstat=_participation(meeting), role="REQ-PARTICIPANT"),
    }
    for name, value in properties.items():
        yield str(Contentline.from_parts(name, value.params, value).to_ical(), "utf-8") + "\r\n"


def _period(meeting: Meeting) -> tuple[date, date]:
    """Return start and end: dates, of which the end is the day after, or instants in UTC."""
    if meeting.at is None:
        return meeting.on, meeting.on + timedelta(days=1)
    start = datetime.combine(meeting.on, meeting.at, ZoneInfo(meeting.zone)).astimezone(UTC)
    return start, start + DURATION


def _participation(meeting: Meeting) -> str:
    """Return ACCEPTED for the date that everyone agreed to with the tandem; no one has accepted another one yet (RFC 5546)."""
    return "NEEDS-ACTION" if meeting.sequence else "ACCEPTED"


def _address(contact: EmailAddress, **parameters: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{contact.email}")
    for name, value in {"cn": one_line(contact.name), **parameters}.items():
        address.params[name] = vText(value)
    return address
