"""SMTP connections that stay open while there are emails to send."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Literal

import aiosmtplib
from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from shared.log import log
from shared.settings import Settings

Outcome = Literal["accepted", "rejected", "deferred", "unknown"]
"""Accepted by the server; rejected permanently; not delivered, try again later; or unknown, so that it may have been delivered."""
MAX_CONNECTIONS = 4
COMMAND_TIMEOUT = 20.0
RECONNECT_INTERVAL = 1.0
IDLE_TIMEOUT = 2.0
"""Seconds after which unused connections are closed."""


class SmtpConnection:
    """A connection to the mail server that is opened again when it was lost."""

    def __init__(self, settings: Settings) -> None:
        self.retry_at = 0.0
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

    async def ensure_connected(self) -> bool:
        """Connect if necessary and return True if connected. After a failure, `RECONNECT_INTERVAL` passes before the next try."""
        if not self.smtp.is_connected and monotonic() >= self.retry_at:
            try:
                await self.smtp.connect()
            except Exception as error:
                log.warning("mail_server_unavailable", error=type(error).__name__)
                self.retry_at = monotonic() + RECONNECT_INTERVAL
        return self.smtp.is_connected

    async def send(self, sender: str, recipient: str, content: bytes) -> Outcome:
        """Send one message; any exception of the client becomes this message's outcome.

        A failure before the content was transferred means that it has not been delivered.
        """
        try:
            await self.smtp.mail(sender)
            await self.smtp.rcpt(recipient)
        except aiosmtplib.SMTPRecipientRefused as error:
            return await self._reset_after(error)
        except ValueError:  # the client cannot write this address
            await self.close()
            return "rejected"
        except Exception as error:
            return await self._close_after(error, "deferred")
        return await self._send_content(content)

    async def _send_content(self, content: bytes) -> Outcome:
        try:
            await self.smtp.data(content)
        except SMTPResponseException as error:
            return await self._reset_after(error)
        except Exception as error:
            return await self._close_after(error, "unknown")
        return "accepted"

    async def _close_after(self, error: Exception, outcome: Outcome) -> Outcome:
        """Close the connection, whose state is unknown. Errors that mail servers and networks do not cause are logged."""
        if not isinstance(error, (SMTPException, OSError)):
            log.error("smtp_client_failed", error=type(error).__name__)
        await self.close()
        return outcome

    async def _reset_after(self, error: SMTPResponseException) -> Outcome:
        with suppress(Exception):
            await self.smtp.rset()
        return "rejected" if 500 <= error.code < 600 else "deferred"

    async def close(self) -> None:
        """Close the connection; `ensure_connected` opens it again."""
        with suppress(Exception):
            await self.smtp.quit(timeout=1)
        self.smtp.close()


class SmtpPool:
    """`MAX_CONNECTIONS` connections, opened on demand; each sends one email at a time."""

    def __init__(self, settings: Settings) -> None:
        self.connections, self.used_at = [SmtpConnection(settings) for _ in range(MAX_CONNECTIONS)], 0.0

    def acquire(self, count: int) -> Sequence[SmtpConnection]:
        """Return at most `count` connections, open ones first."""
        self.used_at = monotonic()
        return sorted(self.connections, key=lambda connection: not connection.smtp.is_connected)[:count]

    async def close_if_idle(self) -> None:
        """Close all connections if they were not used for `IDLE_TIMEOUT`."""
        if monotonic() - self.used_at > IDLE_TIMEOUT:
            await self.close()

    async def close(self) -> None:
        await asyncio.gather(*(connection.close() for connection in self.connections if connection.smtp.is_connected))


@asynccontextmanager
async def smtp_pool(settings: Settings) -> AsyncIterator[SmtpPool]:
    """Yield a pool, and close it in the end."""
    pool = SmtpPool(settings)
    try:
        yield pool
    finally:
        await pool.close()
