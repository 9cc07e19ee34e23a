"""Count send attempts in the database before they start."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from uuid import UUID

from services.notify.emails.queue import Attempt, PendingEmail

RecordAttempts = Callable[[Mapping[UUID, Attempt], Collection[UUID]], Awaitable[Mapping[UUID, int]]]
"""`EmailQueue.record_attempts`."""


class AttemptRecorder:
    """Record send attempts and accepted emails with group commit: one statement for all connections that wait.

    An attempt is committed before it starts, so that however often processes crash, an email is sent at most MAX_ATTEMPTS times.
    An accepted email is committed together with the next attempt, so before its connection sends another email. A crash therefore
    leaves at most one email per connection whose outcome is unknown.

    Callers that arrive while a statement runs wait for the lock. The first to get it writes everything pending, and the others
    then find their attempt recorded. The statement sets the attempt's number instead of incrementing it, so that it can be
    repeated if its response was lost.
    """

    def __init__(self, record_attempts: RecordAttempts) -> None:
        self._record_attempts = record_attempts
        self._attempts = dict[UUID, Attempt]()
        self._accepted = set[UUID]()
        self._recorded = dict[UUID, int]()
        self._lock = asyncio.Lock()

    async def record_attempt(self, email: PendingEmail) -> int | None:
        """Count the next attempt of this email. Returns its number, or None if this process has lost its claim."""
        self._attempts[email.id] = Attempt(email.attempts + 1, email.recipient)
        await self.flush()
        return self._recorded.pop(email.id, None)

    def mark_accepted(self, email: PendingEmail) -> None:
        """Note that the mail server accepted this email; committed by the next attempt or `flush`."""
        self._accepted.add(email.id)

    async def flush(self) -> None:
        """Commit everything pending."""
        async with self._lock:
            if self._attempts or self._accepted:
                attempts, self._attempts = self._attempts, {}
                accepted, self._accepted = self._accepted, set()
                self._recorded |= await self._record_attempts(attempts, accepted)
