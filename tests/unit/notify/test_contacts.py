"""Names and texts that people wrote, as emails and pages show them."""

from typing import Any, cast

import pytest

from services.notify.contacts import NO_NAME, ContactDirectory
from services.notify.domain.people import Person
from services.notify.store import SQL
from shared.postgres.pool import Connection
from tests.unit.notify.sample_emails import POLICY

ABOUT = "organisation/1"


class Rows:
    """A connection that returns these rows for each query."""

    def __init__(self, name: str, text: str) -> None:
        self._rows: dict[str, list[Any]] = {
            SQL["load_texts"]: [{"about": ABOUT, "field": "goal-0", "text": text}],
            SQL["load_contacts"]: [(ABOUT, "coordinator", 0, name, "jan@huis.example", None, "nl-BE", "Europe/Brussels")],
        }

    async def fetch(self, query: str, subjects: list[str]) -> list[Any]:
        return self._rows[query]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Jan \u202egnirts", "Jan gnirts"),
        ("Jan\u2028Bcc: x", "Jan Bcc: x"),
        ("Jan\r\nBcc: x", "Jan Bcc: x"),
        ("\u2066Jan", "Jan"),
        ("\u200b\u2060", NO_NAME),
        ("Noël van den Berg", "Noël van den Berg"),
    ],
)
async def test_name_is_shown_on_one_line_in_one_direction(name: str, shown: str) -> None:
    directory = ContactDirectory(POLICY)
    await directory.load(cast(Connection, Rows(name, "")), [ABOUT])

    contact = directory.contact(Person(ABOUT, "coordinator"))
    assert contact and contact.name == shown


async def test_text_keeps_its_lines_but_no_characters_that_turn_them() -> None:
    directory = ContactDirectory(POLICY)
    await directory.load(cast(Connection, Rows("Jan", "een\n\u202etwee\u2029drie\x07")), [ABOUT])

    assert directory.text(ABOUT, "goal-0") == "een\ntwee\ndrie"
