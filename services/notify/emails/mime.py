"""Build the MIME message of a rendered email."""

from email.charset import QP, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import Compat32
from email.utils import format_datetime, formataddr

from services.notify.emails.render import CALENDAR_METHODS, RenderedEmail, ResolvedEmail
from services.notify.page_routes import contact_person, purpose_of
from shared.programme.plain_text import one_line
from shared.programme.policy import Policy


class _HeaderPolicy(Compat32):
    """A policy that never leaves the first line of a header empty, as the library does before a long address (RFC 5322, 3.2.2)."""

    def fold_binary(self, name: str, value: str) -> bytes:
        head = f"{name}: ".encode("ascii")
        return super().fold_binary(name, value).replace(head + b"\r\n ", head, 1)


CRLF_POLICY = _HeaderPolicy(linesep="\r\n")
QUOTED_PRINTABLE = Charset("utf-8")
QUOTED_PRINTABLE.body_encoding = QP
BOUNDARY = "=_tandem"
"""Cannot occur in a part: quoted-printable writes `=` as `=3D` (RFC 2045)."""


def mime_message(email: ResolvedEmail, rendered: RenderedEmail, policy: Policy) -> MIMEMultipart:
    """Build the message. Its Message-ID is derived from the email's id, so that a second copy can be recognised.

    Uses the older of the standard library's two interfaces: the newer one parses every header again, at four times the cost.
    Raises `HeaderParseError` if a value contains a line break that would start another header.
    """
    contact = contact_person(email.role, purpose_of(email.template, email.facts), policy)
    message = MIMEMultipart("alternative", BOUNDARY, policy=CRLF_POLICY)
    message["Message-ID"] = f"<{email.id}@{policy.sender_address.partition('@')[2]}>"
    message["Date"] = format_datetime(email.requested_at)
    message["From"] = mailbox(policy.sender_name, policy.sender_address)
    message["Reply-To"] = mailbox(contact.name, contact.email)
    message["To"] = email.reader.email
    message["Subject"] = one_line(rendered.subject)
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = email.reader.language
    message.attach(_part("plain", rendered.text))
    message.attach(_part("html", rendered.html))
    if rendered.calendar:
        message.attach(_part("calendar", rendered.calendar, method=CALENDAR_METHODS[email.template]))
    return message


def mailbox(name: str, address: str) -> str:
    """Return `name <address>`, in which the name cannot be read as a part of the address (RFC 5322, RFC 2047)."""
    shown = one_line(name)
    if shown.isascii():
        return formataddr((shown, address))
    return f"{Header(shown, 'utf-8', maxlinelen=75).encode(linesep='')} <{address}>"


def _part(subtype: str, text: str, **parameters: str) -> MIMENonMultipart:
    part = MIMENonMultipart("text", subtype, policy=CRLF_POLICY, charset="utf-8", **parameters)
    part.set_payload(text, QUOTED_PRINTABLE)
    return part
