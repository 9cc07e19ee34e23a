"""The SMTP server: accepts every email to any recipient and stores it."""

import asyncio

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.mail_catcher.maildir import MailDir

MAX_EMAIL_BYTES = 10 * 2**20


class SmtpHandler:
    """Callbacks of the SMTP server."""

    def __init__(self, mails: MailDir) -> None:
        self._mails = mails

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Store the email before it is acknowledged."""
        assert isinstance(envelope.content, bytes)
        self._mails.add(envelope.content)
        return "250 OK"


async def start_smtp_server(mails: MailDir, host: str, port: int) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: SMTP(SmtpHandler(mails), hostname="mailbox.example", data_size_limit=MAX_EMAIL_BYTES, loop=loop), host, port
    )
