"""MIME messages: the rendered parts survive encoding, in lines that every mail server accepts."""

from dataclasses import replace
from email import message_from_bytes
from email.errors import HeaderParseError
from email.message import EmailMessage
from email.policy import default

import pytest

from services.notify.emails.mime import BOUNDARY, mime_message
from services.notify.emails.render import ResolvedEmail, render
from tests.unit.notify.sample_emails import EVALUATION_FACTS, NAMES, POLICY, sample_email, sample_emails

HOSTILE = f"\n--{BOUNDARY}--\n. =_ é «x»"


def mime_bytes(email: ResolvedEmail) -> bytes:
    return bytes(mime_message(email, render(email, POLICY), POLICY))


def parsed(email: ResolvedEmail) -> EmailMessage:
    message = message_from_bytes(mime_bytes(email), policy=default)
    assert isinstance(message, EmailMessage) and not message.defects
    return message


def contents(message: EmailMessage) -> list[tuple[str, str]]:
    """Return content type and text of each part, without trailing line breaks."""
    return [(part.get_content_type(), part.get_content().replace("\r\n", "\n").rstrip("\n")) for part in message.iter_parts()]


@pytest.mark.parametrize("email", list(sample_emails()), ids=lambda email: f"{email.template}-{email.role}-{email.reader.language}")
def test_parsed_message_equals_the_rendered_email(email: ResolvedEmail) -> None:
    rendered, message = render(email, POLICY), parsed(email)

    parts = [("text/plain", rendered.text), ("text/html", rendered.html)]
    parts += [("text/calendar", rendered.calendar)] if rendered.calendar else []
    assert message["Subject"] == rendered.subject
    assert contents(message) == [(kind, text.replace("\r\n", "\n").rstrip("\n")) for kind, text in parts]


def test_message_has_sender_recipient_and_reply_address() -> None:
    message = parsed(sample_email("evaluation_invitation", "expert", EVALUATION_FACTS))

    assert message["From"] == f"{POLICY.sender_name} <{POLICY.sender_address}>" and message["To"] == "lezer@post.example"
    assert message["Reply-To"] == "Adviseur Eén van het adviesteam <adviesteam@tandem.example>"
    assert message["Content-Language"] == "nl-BE" and message["Auto-Submitted"] == "auto-generated"
    assert list(message.iter_parts())[2].get_param("method") == "REQUEST"


def test_free_text_cannot_end_a_part_or_break_line_limits() -> None:
    email = sample_email("evaluation_invitation", "expert", EVALUATION_FACTS)
    hostile = replace(email, names=NAMES | {"organisation_name": HOSTILE, "vacancy_title": "x" * 2000})

    assert len(contents(parsed(hostile))) == 3
    assert all(len(line) <= 78 and line.isascii() for line in mime_bytes(hostile).split(b"\r\n"))
    assert b"\n" not in mime_bytes(hostile).replace(b"\r\n", b"")


def test_line_break_in_an_address_cannot_inject_a_header() -> None:
    email = sample_email("exploration", "expert", {"started_on": "2026-12-01"})

    with pytest.raises(HeaderParseError):
        mime_bytes(replace(email, reader=email.reader._replace(email="lezer@post.example\r\nBcc: all@post.example")))
