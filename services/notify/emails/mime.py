"""Build the MIME message of a rendered email."""

from email.charset import QP, Charset
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import format_datetime, formataddr

from services.notify.emails.render import RenderedEmail, ResolvedEmail
from services.notify.page_routes import contact_person, purpose_of
from shared.programme.policy import Policy

CRLF_POLICY = compat32.clone(linesep="\r\n")
QUOTED_PRINTABLE = Charset("utf-8")
QUOTED_PRINTABLE.body_encoding = QP
BOUNDARY = "=_tandem"
"""Cannot occur in a part: quoted-printable writes `=` as `=3D` (RFC 2045)."""


def mime_message(email: ResolvedEmail, rendered: RenderedEmail, policy: Policy) -> MIMEMultipart:
    """Build the message. Its Message-ID is derived from the email's id, so that a second copy can be recognised.

    Uses the older of the standard library's two interfaces: the newer one parses every header again, at four times the cost.
    Raises `HeaderParseError` if a value contains a line break that would start another header.
    """
    contact = contact_person(email.role, purpose_of(email.template), policy)
    message = MIMEMultipart("alternative", BOUNDARY, policy=CRLF_POLICY)
    message["Message-ID"] = f"<{email.id}@{policy.sender_address.partition('@')[2]}>"
    message["Date"] = format_datetime(email.requested_at)
    message["From"] = formataddr((policy.sender_name, policy.sender_address))
    message["Reply-To"] = formataddr((contact.name, contact.email))
    message["To"] = email.reader.email
    message["Subject"] = rendered.subject
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = email.reader.language
    message.attach(_part("plain", rendered.text))
    message.attach(_part("html", rendered.html))
    if rendered.calendar:
        message.attach(_part("calendar", rendered.calendar, method="REQUEST"))
    return message


def _part(subtype: str, text: str, **parameters: str) -> MIMENonMultipart:
    part = MIMENonMultipart("text", subtype, policy=CRLF_POLICY, charset="utf-8", **parameters)
    part.set_payload(text, QUOTED_PRINTABLE)
    return part
