"""A mail as it travels: what was rendered comes out of it again, in lines that every mail server takes."""

from dataclasses import replace
from email import message_from_bytes
from email.errors import HeaderParseError
from email.message import EmailMessage
from email.policy import default

import pytest

from services.notify.emails import smtp
from services.notify.emails.render import ResolvedEmail, render
from tests.unit.notify.sample_emails import NAMES, POLICY, TALK_FACTS, draft, drafts

HOSTILE = f"\n--{smtp.BOUNDARY}--\n. =_ é «x»"


def on_the_wire(it: ResolvedEmail) -> bytes:
    return bytes(smtp.mime_message(it, render(it, POLICY), POLICY))


def opened(it: ResolvedEmail) -> EmailMessage:
    message = message_from_bytes(on_the_wire(it), policy=default)
    assert isinstance(message, EmailMessage) and not message.defects
    return message


def contents(message: EmailMessage) -> list[tuple[str, str]]:
    """Kind and text of each part; how a part's last line ends says nothing."""
    return [(part.get_content_type(), part.get_content().replace("\r\n", "\n").rstrip("\n")) for part in message.iter_parts()]


@pytest.mark.parametrize("it", list(drafts()), ids=lambda it: f"{it.template}-{it.role}-{it.reader.language}")
def test_a_mail_says_on_arrival_what_was_rendered(it: ResolvedEmail) -> None:
    mail, message = render(it, POLICY), opened(it)

    said = [("text/plain", mail.text), ("text/html", mail.html)]
    said += [("text/calendar", mail.calendar)] if mail.calendar else []
    assert message["Subject"] == mail.subject
    assert contents(message) == [(kind, text.replace("\r\n", "\n").rstrip("\n")) for kind, text in said]


def test_a_mail_names_who_sends_it_who_reads_it_and_who_answers() -> None:
    message = opened(draft("evaluation_invitation", "expert", TALK_FACTS))

    assert message["From"] == f"{POLICY.sender_name} <{POLICY.sender_address}>" and message["To"] == "lezer@post.example"
    assert message["Reply-To"] == "Adviseur Eén van het adviesteam <adviesteam@tandem.example>"
    assert message["Content-Language"] == "nl-BE" and message["Auto-Submitted"] == "auto-generated"
    assert list(message.iter_parts())[2].get_param("method") == "REQUEST"


def test_words_of_people_can_neither_end_a_part_nor_make_a_line_too_long_or_not_ascii() -> None:
    it = draft("evaluation_invitation", "expert", TALK_FACTS)
    hostile = replace(it, names=NAMES | {"organisation_name": HOSTILE, "vacancy_title": "x" * 2000})

    assert len(contents(opened(hostile))) == 3
    assert all(len(line) <= 78 and line.isascii() for line in on_the_wire(hostile).split(b"\r\n"))
    assert b"\n" not in on_the_wire(hostile).replace(b"\r\n", b"")


def test_a_line_break_in_an_address_begins_no_header() -> None:
    it = draft("exploration", "expert", {"started_on": "2026-12-01"})

    with pytest.raises(HeaderParseError):
        on_the_wire(replace(it, reader=it.reader._replace(email="lezer@post.example\r\nBcc: all@post.example")))
