"""The calendar entry of a talk: one UID a tandem, a sequence that grows with each move (R132). Pure: no clock, no database."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Timezone

WIDTH = 75
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
    """An iCalendar request (RFC 5545, 5546) whose title tells a stranger nothing; without an hour it takes the whole day.

    Written line by line: the library takes ten times as long for the same text (a test holds them together).
    """
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Tandem//NL", "METHOD:REQUEST")
    zone = _zone(talk.zone, talk.on) if talk.at else ""
    return _folded(head) + zone + _folded(_event(talk, organiser, guest, written)) + _folded(("END:VCALENDAR",))


def _event(talk: Talk, organiser: Mailbox, guest: Mailbox, written: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"SUMMARY:{TITLE}"
    yield from _times(talk)
    yield f"DTSTAMP:{written.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"UID:{talk.uid}"
    yield f"SEQUENCE:{talk.sequence}"
    yield f"ATTENDEE;CN={_quoted(guest.name)};PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:{guest.email}"
    yield f"ORGANIZER;CN={_quoted(organiser.name)}:mailto:{organiser.email}"
    yield "STATUS:CONFIRMED"
    yield f"TRANSP:{'OPAQUE' if talk.at else 'TRANSPARENT'}"
    yield "END:VEVENT"


def _times(talk: Talk) -> Iterator[str]:
    """When it begins and ends: in its zone, or as a whole day."""
    if talk.at:
        start = datetime.combine(talk.on, talk.at)
        yield from (f"{name};TZID={talk.zone}:{at:%Y%m%dT%H%M%S}" for name, at in (("DTSTART", start), ("DTEND", start + LENGTH)))
    else:
        ends = talk.on, talk.on + timedelta(days=1)
        yield from (f"{name};VALUE=DATE:{day:%Y%m%d}" for name, day in zip(("DTSTART", "DTEND"), ends, strict=True))


def _quoted(name: str) -> str:
    """A name as a parameter's value, which can hold no quote."""
    return '"' + name.replace('"', "'") + '"'


@lru_cache(256)
def _zone(zone: str, day: date) -> str:
    """The zone's rules from this day to the end of the next year."""
    rules = Timezone.from_tzinfo(ZoneInfo(zone), first_date=day, last_date=date(day.year + 1, 12, 31))
    return str(rules.to_ical(), "utf-8")


def _folded(lines: Iterable[str]) -> str:
    """Lines of at most 75 octets, as the format wants them, no character split."""
    return "".join(line if len(line) <= WIDTH and line.isascii() else _fold(line) for line in (f"{one}\r\n" for one in lines))


def _fold(line: str) -> str:
    parts, size = list[str](), 0
    for character in line.removesuffix("\r\n"):
        octets = len(character.encode())
        if size + octets > WIDTH - 1:
            parts.append("\r\n ")
            size = 1
        parts.append(character)
        size += octets
    return "".join((*parts, "\r\n"))
