"""The calendar entry, line by line what icalendar would write."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar, Event, Timezone, vCalAddress, vText

from services.notify.invitation import LENGTH, TITLE, Mailbox, Talk, invitation

WRITTEN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
US = Mailbox("Samen Sterk", "samen-sterk@tandem.example")
UID = "tandem-00000000-0000-0000-0000-000000000005@tandem.example"
names = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters='"^\\'), min_size=1, max_size=120)
talks = st.builds(
    Talk,
    st.just(UID),
    st.dates(date(2026, 1, 1), date(2090, 12, 31)),
    st.none() | st.times(),
    st.sampled_from(["Europe/Brussels", "Europe/Amsterdam", "America/Paramaribo"]),
    st.integers(0, 99),
)


@pytest.mark.rule("R132")
@given(talks, names)
@example(Talk(UID, date(2027, 3, 1), time(14), "Europe/Brussels", 1), "Lezer Vier")
@example(Talk(UID, date(2027, 3, 1), None, "Europe/Brussels", 0), "é" * 60)
def test_the_entry_is_the_one_that_the_library_writes(talk: Talk, name: str) -> None:
    guest = Mailbox(name, "lezer@post.example")

    assert Calendar.from_ical(invitation(talk, US, guest, WRITTEN)) == Calendar.from_ical(written_by_icalendar(talk, guest))


@given(talks, names)
def test_no_line_is_longer_than_the_format_allows(talk: Talk, name: str) -> None:
    lines = invitation(talk, US, Mailbox(name, "lezer@post.example"), WRITTEN).encode().split(b"\r\n")

    assert max(map(len, lines)) <= 75
    assert lines[-1] == b""


def test_a_quote_in_a_name_ends_nothing() -> None:
    entry = invitation(Talk(UID, date(2027, 3, 1), None, "Europe/Brussels", 0), US, Mailbox('a";X="b', "a@post.example"), WRITTEN)

    assert Calendar.from_ical(entry).events[0]["attendee"].params["CN"] == "a';X='b"


def written_by_icalendar(talk: Talk, guest: Mailbox) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Tandem//NL")
    calendar.add("version", "2.0")
    calendar.add("method", "REQUEST")
    if talk.at:
        end = date(talk.on.year + 1, 12, 31)
        calendar.add_component(Timezone.from_tzinfo(ZoneInfo(talk.zone), first_date=talk.on, last_date=end))
    calendar.add_component(event_of(talk, guest))
    return bytes(calendar.to_ical())


def event_of(talk: Talk, guest: Mailbox) -> Event:
    event = Event()
    start: date = datetime.combine(talk.on, talk.at.replace(microsecond=0), ZoneInfo(talk.zone)) if talk.at else talk.on
    times = {"dtstamp": WRITTEN, "dtstart": start, "dtend": start + (LENGTH if talk.at else timedelta(days=1))}
    words = {"uid": talk.uid, "sequence": talk.sequence, "summary": TITLE, "status": "CONFIRMED"}
    for name, value in {**times, **words, "transp": "OPAQUE" if talk.at else "TRANSPARENT"}.items():
        event.add(name, value)
    event.add("organizer", address(US))
    event.add("attendee", address(guest, rsvp="FALSE", partstat="ACCEPTED", role="REQ-PARTICIPANT"))
    return event


def address(who: Mailbox, **parameters: str) -> vCalAddress:
    made = vCalAddress(f"mailto:{who.email}")
    for name, value in {"cn": who.name, **parameters}.items():
        made.params[name] = vText(value)
    return made
