"""A real SMTP server in the tests' own loop: keeps what it takes, and can be told to refuse, to wait or to be away."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP


class PostOffice:
    """`taken` are the mails it took; `answer` decides what it says to each, `on_data` runs before it answers.

    `most` is how many callers it had at once.
    """

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answer: Callable[[str], str] = lambda to: "250 OK"
        self.on_data: Callable[[EmailMessage], None] = lambda mail: None
        self.changed = asyncio.Condition()
        self.port = 0
        self.callers = set[Any]()
        self.most = 0

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, name: str, answers: list[str]) -> list[str]:
        session.host_name = name
        self.callers = {caller for caller in self.callers if not caller.is_closing()} | {server.transport}
        self.most = max(self.most, len(self.callers))
        return answers

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        answer = self.answer(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        async with self.changed:
            self.taken.append(mail)
            self.changed.notify_all()
        self.on_data(mail)
        return "250 OK"

    def to(self, address: str, subject: str = "") -> list[EmailMessage]:
        """What came for somebody, oldest first."""
        return [mail for mail in self.taken if mail["To"] == address and subject in mail["Subject"]]

    async def gets(self, address: str, subject: str = "", nth: int = 1) -> EmailMessage:
        """The nth mail for somebody with this in its subject; fails after 30 seconds."""
        async with asyncio.timeout(30), self.changed:
            await self.changed.wait_for(lambda: len(self.to(address, subject)) >= nth)
        return self.to(address, subject)[nth - 1]


@asynccontextmanager
async def opened(office: PostOffice) -> AsyncIterator[PostOffice]:
    """Open on its port, or on a free one the first time."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(office, hostname="post.example", enable_SMTPUTF8=True, loop=loop), "127.0.0.1", office.port
    )
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
        await server.wait_closed()
