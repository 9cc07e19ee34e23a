"""The SMTP server: takes every mail for anybody and keeps it."""

import asyncio

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.mail_catcher.maildir import MailDir

LARGEST = 10 * 2**20


class SmtpHandler:
    """What the SMTP server calls with each mail."""

    def __init__(self, folder: MailDir) -> None:
        self.folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Answers only after the mail lies in the folder."""
        assert isinstance(envelope.content, bytes)
        self.folder.add(envelope.content)
        return "250 OK"


async def listen(folder: MailDir, host: str, port: int) -> asyncio.Server:
    """An SMTP server that accepts connections."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: SMTP(SmtpHandler(folder), hostname="mailbox.example", data_size_limit=LARGEST, loop=loop), host, port
    )
