"""A mail server of the tests' own that keeps what it catches, and can be slow, refuse, answer by half or die."""

import asyncio
import re
from collections.abc import Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Literal

from deploy.mail_catcher.mail import Mail

Mood = Literal["well", "slow", "refusing", "silent", "closing"]
"""`refusing`: not now (451). `silent`: keeps a mail and never says so. `closing`: keeps it and hangs up without a word."""


class PostOffice:
    """What it has caught stays in `caught`, in order, also what it never acknowledged."""

    def __init__(self, port: int) -> None:
        self.port, self.mood = port, "well"
        self.caught: list[Mail] = []
        self._server: asyncio.Server | None = None
        self._open = set[asyncio.StreamWriter]()
        self._read = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=1 << 22)

    async def stop(self) -> None:
        """Dies: nobody is answered any more."""
        if self._server:
            self._server.close()
            for writer in list(self._open):
                writer.transport.abort()
            await self._server.wait_closed()
            self._server = None

    async def news(self) -> Sequence[Mail]:
        """What came since the last time."""
        new, self._read = self.caught[self._read :], len(self.caught)
        return new

    @property
    def letters(self) -> list[str]:
        """The letter of each mail."""
        return [mail.email_id for mail in self.caught]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            writer.write(b"220 mail.example\r\n")
            while line := await reader.readline():
                if not await self._answered(line.strip().upper(), reader, writer):
                    break
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def _answered(self, line: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the conversation goes on."""
        if self.mood == "slow":
            await asyncio.sleep(0.3)
        if line.startswith(b"EHLO"):
            writer.write(b"250-mail.example\r\n250 SIZE 10000000\r\n")
        elif line.startswith(b"RCPT") and self.mood == "refusing":
            writer.write(b"451 not now\r\n")
        elif line == b"DATA":
            writer.write(b"354 go on\r\n")
            self._keep(await reader.readuntil(b"\r\n.\r\n"))
            if self.mood == "silent":
                return bool(await reader.readline())
            if self.mood == "closing":
                return False
            writer.write(b"250 taken\r\n")
        else:
            writer.write(b"221 bye\r\n" if line == b"QUIT" else b"250 fine\r\n")
        await writer.drain()
        return line != b"QUIT"

    def _keep(self, content: bytes) -> None:
        message = message_from_bytes(re.sub(rb"^\.", b"", content[:-3], flags=re.MULTILINE), policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.caught.append(Mail(str(len(self.caught)), message))
