"""MIME messages: the rendered parts survive encoding, in lines that every mail server accepts."""

from contextlib import suppress
from dataclasses import replace
from email import message_from_bytes
from email.errors import HeaderParseError
from email.message import EmailMessage
from email.policy import default

import pytest
from aiosmtplib.email import quote_address
from hypothesis import given
from hypothesis import strategies as st

from services.notify.emails.mime import BOUNDARY, mailbox, mime_message
from services.notify.emails.render import ResolvedEmail, render
from shared.programme.email_address import normalise
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


@pytest.mark.parametrize("length", [60, 78, 120, 254])
def test_first_line_of_a_header_is_never_empty(length: int) -> None:
    email = sample_email("exploration", "expert", {"started_on": "2026-12-01"})
    address = ("lezer" + "a" * 55)[: length - 13] + "@" + "post." * 40
    address = address[: length - 8].rstrip(".") + ".example"

    raw = mime_bytes(replace(email, reader=email.reader._replace(email=address)))
    head = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert f"To: {address}".encode() in head
    assert all(line.strip() and not line.endswith(b": ") for line in head)


@pytest.mark.parametrize(
    "name",
    [
        "Jan <x@y.example>",
        'a", <x@y.example>',
        "Jan, x@y.example",
        "Jan\r\nBcc: x@y.example",
        "Jan\u2028Bcc: x",
        "é <x@y.example>",
        "ë" * 80,
    ],
)
def test_display_name_cannot_inject_an_address_or_a_header(name: str) -> None:
    header = mailbox(name, "team@tandem.example")
    parsed = message_from_bytes(f"From: {header}\r\n\r\n".encode("ascii"), policy=default)

    assert [it.addr_spec for it in parsed["From"].addresses] == ["team@tandem.example"] and len(parsed.keys()) == 1
    assert "\n" not in header and all(len(word) <= 75 for word in header.split(" ") if word.startswith("=?"))


@given(st.text(), st.text())
def test_envelope_goes_to_the_accepted_address_or_to_none(local: str, domain: str) -> None:
    for address in (f"{local}@{domain}", f"{local}@post.example", local):
        with suppress(ValueError):
            accepted = normalise(address)
            assert quote_address(accepted) == f"<{accepted}>" and accepted.isascii()


def test_line_break_in_an_address_cannot_inject_a_header() -> None:
    email = sample_email("exploration", "expert", {"started_on": "2026-12-01"})

    with pytest.raises(HeaderParseError):
        mime_bytes(replace(email, reader=email.reader._replace(email="lezer@post.example\r\nBcc: all@post.example")))
