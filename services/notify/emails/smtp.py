"""Letters over SMTP: connections side by side that are kept while there is work, and what became of each letter."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from email.charset import QP, Charset
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import format_datetime, formataddr
from time import monotonic
from typing import Literal

import aiosmtplib
from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from services.notify.emails.render import RenderedEmail, ResolvedEmail
from services.notify.page_routes import contact_person, purpose_of
from shared.log import log
from shared.programme.policy import Policy
from shared.settings import Settings

Outcome = Literal["taken", "rejected", "later", "unknown"]
"""Taken by the server; refused for good; not reached, so to be tried later; or nobody knows, so that it may have arrived."""
COMMAND_TIMEOUT = 20.0
MAX_CONNECTIONS = 4
IDLE_TIMEOUT = 2.0
"""Seconds without a letter after which the connections are closed."""


WIRE = compat32.clone(linesep="\r\n")
QUOTED = Charset("utf-8")
QUOTED.body_encoding = QP
BOUNDARY = "=_tandem"
"""Stands in no part of a mail: quoted-printable writes `=` as `=3D` (RFC 2045)."""


def mime_message(draft: ResolvedEmail, mail: RenderedEmail, policy: Policy) -> MIMEMultipart:
    """The mail as it travels. Its Message-ID is the letter's, so that a second sending can be told by it.

    Of the standard library's two ways this is the older one: the newer parses each header anew, at four times the cost. Raises
    `HeaderParseError` for a line break that would begin a header.
    """
    call = contact_person(draft.role, purpose_of(draft.template), policy)
    it = MIMEMultipart("alternative", BOUNDARY, policy=WIRE)
    it["Message-ID"] = f"<{draft.id}@{policy.sender_address.partition('@')[2]}>"
    it["Date"] = format_datetime(draft.time)
    it["From"] = formataddr((policy.sender_name, policy.sender_address))
    it["Reply-To"] = formataddr((call.name, call.email))
    it["To"] = draft.reader.email
    it["Subject"] = mail.subject
    it["Auto-Submitted"] = "auto-generated"
    it["Content-Language"] = draft.reader.language
    it.attach(_part("plain", mail.text))
    it.attach(_part("html", mail.html))
    if mail.calendar:
        it.attach(_part("calendar", mail.calendar, method="REQUEST"))
    return it


def _part(kind: str, text: str, **parameters: str) -> MIMENonMultipart:
    it = MIMENonMultipart("text", kind, policy=WIRE, charset="utf-8", **parameters)
    it.set_payload(text, QUOTED)
    return it


class SmtpConnection:
    """A connection to the mail server; opened again when it was lost."""

    def __init__(self, settings: Settings) -> None:
        self.away_until = 0.0
        password = settings.smtp_password
        self.smtp = SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_user,
            password=password.get_secret_value() if password else None,
            use_tls=settings.smtp_tls == "tls",
            start_tls=settings.smtp_tls == "starttls",
            timeout=COMMAND_TIMEOUT,
        )

    async def ready(self) -> bool:
        """Whether the server answers. Once it did not, nobody waits for it within the next second."""
        if not self.smtp.is_connected and monotonic() >= self.away_until:
            try:
                await self.smtp.connect()
            except (SMTPException, OSError) as error:
                log.warning("mail server away", error=type(error).__name__)
                self.away_until = monotonic() + 1
        return self.smtp.is_connected

    async def send(self, sender: str, to: str, content: bytes) -> Outcome:
        """Gives one mail to the server. What fails before the content went is known not to have arrived."""
        try:
            await self.smtp.mail(sender)
            await self.smtp.rcpt(to)
        except aiosmtplib.SMTPRecipientRefused as error:
            return await self._answered(error)
        except (SMTPException, OSError):
            await self.close()
            return "later"
        except UnicodeError:
            await self.close()
            return "rejected"
        return await self._content(content)

    async def _content(self, content: bytes) -> Outcome:
        try:
            await self.smtp.data(content)
        except SMTPResponseException as error:
            return await self._answered(error)
        except (SMTPException, OSError):
            await self.close()
            return "unknown"
        return "taken"

    async def _answered(self, error: SMTPResponseException) -> Outcome:
        with suppress(SMTPException, OSError):
            await self.smtp.rset()
        return "rejected" if 500 <= error.code < 600 else "later"

    async def close(self) -> None:
        """Ends the connection; the next `ready` opens another."""
        with suppress(SMTPException, OSError):
            await self.smtp.quit(timeout=1)
        self.smtp.close()


class SmtpPool:
    """Connections side by side, opened as they are needed: each carries one letter at a time."""

    def __init__(self, settings: Settings) -> None:
        self.lines, self.used_at = [SmtpConnection(settings) for _ in range(MAX_CONNECTIONS)], 0.0

    def some(self, most: int) -> Sequence[SmtpConnection]:
        """The open ones first, not more than `most`."""
        self.used_at = monotonic()
        return sorted(self.lines, key=lambda line: not line.smtp.is_connected)[:most]

    async def rest(self) -> None:
        """There is nothing to send: after a while of that the server is left in peace."""
        if monotonic() - self.used_at > IDLE_TIMEOUT:
            await self.close()

    async def close(self) -> None:
        await asyncio.gather(*(line.close() for line in self.lines if line.smtp.is_connected))


@asynccontextmanager
async def smtp_pool(settings: Settings) -> AsyncIterator[SmtpPool]:
    """Lines that are closed at the end."""
    them = SmtpPool(settings)
    try:
        yield them
    finally:
        await them.close()
