"""An SMTP server in the test's own event loop that keeps what it receives and can misbehave on purpose."""

import asyncio
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from typing import Any, Literal, Self
from uuid import UUID

from aiosmtpd.smtp import SMTP

from deploy.mail_catcher.mail import Mail, parse_mail

Mood = Literal["normal", "slow", "deferring", "silent", "closing"]
"""`deferring`: answers 451 to every recipient. `silent`: keeps an email and never acknowledges it.
`closing`: keeps an email and closes the connection instead of acknowledging it."""
SLOW_DELAY = 0.3
WAIT_TIMEOUT = 30
OK = "250 OK"


class SmtpServer:
    """`received` holds every email, oldest first, also those that were not acknowledged.

    `envelope_recipients` holds every address that an email was sent to. `reply` decides the answer to each recipient;
    `on_received` runs before an email is acknowledged. Port 0 is replaced by a free one, which a restart keeps.
    `max_connections` is the highest number of simultaneous connections so far.
    """

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self.mood: Mood = "normal"
        self.received: list[Mail] = []
        self.envelope_recipients: list[str] = []
        self.reply: Callable[[str], str] = lambda recipient: OK
        self.on_received: Callable[[EmailMessage], None] = lambda message: None
        self.max_connections = 0
        self._connections = set[asyncio.BaseTransport]()
        self._changed = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._fetched = 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self, loop), "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and abort every connection."""
        if self._server:
            self._server.close()
            for connection in list(self._connections):
                connection.abort()  # type: ignore[attr-defined]
            await self._server.wait_closed()
            self._server = None

    async def fetch_new(self) -> Sequence[Mail]:
        """Return the emails received since the last call."""
        new, self._fetched = self.received[self._fetched :], len(self.received)
        return new

    def to(self, address: str, subject: str = "") -> list[EmailMessage]:
        """Return the emails to an address with this text in their subject, oldest first."""
        messages = [mail.message for mail in self.received]
        return [message for message in messages if message["To"] == address and subject in message["Subject"]]

    def by_id(self, email_id: UUID) -> EmailMessage:
        """Return the email with this id. Raises `StopIteration`."""
        return next(mail.message for mail in self.received if mail.email_id == str(email_id))

    async def wait_for(self, address: str, subject: str = "", nth: int = 1) -> EmailMessage:
        """Return the nth email to an address. Raises `TimeoutError` after 30 seconds."""
        async with asyncio.timeout(WAIT_TIMEOUT), self._changed:
            await self._changed.wait_for(lambda: len(self.to(address, subject)) >= nth)
        return self.to(address, subject)[nth - 1]

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Sequence[str]) -> str:
        await self._delay()
        envelope.mail_from = address
        return OK

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Sequence[str]) -> str:
        await self._delay()
        reply = "451 try again later" if self.mood == "deferring" else self.reply(address)
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await self._delay()
        self.envelope_recipients += envelope.rcpt_tos
        mail = parse_mail(str(len(self.received)), envelope.content)
        async with self._changed:
            self.received.append(mail)
            self._changed.notify_all()
        self.on_received(mail.message)
        if self.mood == "closing":
            server.transport.close()
        if self.mood in ("closing", "silent"):
            await asyncio.Event().wait()  # cancelled when the connection ends
        return OK

    async def _delay(self) -> None:
        if self.mood == "slow":
            await asyncio.sleep(SLOW_DELAY)

    def connected(self, transport: asyncio.BaseTransport) -> None:
        self._connections.add(transport)
        self.max_connections = max(self.max_connections, len(self._connections))

    def disconnected(self, transport: asyncio.BaseTransport) -> None:
        self._connections.discard(transport)


class _Connection(SMTP):
    def __init__(self, owner: SmtpServer, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(owner, hostname="smtp.example", enable_SMTPUTF8=True, loop=loop)
        self._owner = owner

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._own_transport = transport
        self._owner.connected(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._owner.disconnected(self._own_transport)
        super().connection_lost(error)
