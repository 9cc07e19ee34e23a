"""Checks during the run that no message appears on Kafka before the transaction that caused it is committed."""

import asyncio
from collections.abc import Sequence, Set

import asyncpg

from deploy.partner_client.topic_tail import TopicTail
from deploy.stack.endpoints import SERVICES
from tests.fault_injection.history.model import PublishedMessage, Violation
from tests.fault_injection.history.queries import service_query

UNAVAILABLE = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""Errors of asyncpg while the database is down or goes down."""
RETRY_INTERVAL = 0.1


class CommitMonitor:
    """Looks up the cause of each message in its publisher's inbox as soon as the message appears (I4)."""

    def __init__(self, database: str, messages: TopicTail[PublishedMessage], injected: Set[str]) -> None:
        self.violations: list[Violation] = []
        self._database, self._messages, self._injected = database, messages, injected

    async def run(self) -> None:
        """Check until cancelled. While the database is unavailable, the messages wait."""
        checked = 0
        while True:
            new = await self._messages.from_index(checked)
            try:
                self.violations += await self._check([message for message in new if message.id not in self._injected])
                checked += len(new)
            except UNAVAILABLE:
                await asyncio.sleep(RETRY_INTERVAL)

    async def _check(self, messages: Sequence[PublishedMessage]) -> list[Violation]:
        db = await asyncpg.connect(self._database, timeout=5)
        violations = []
        try:
            for service in SERVICES:
                by_cause = {message.cause: message for message in messages if message.service == service}
                for row in await db.fetch(service_query(service, "unprocessed"), list(by_cause)):
                    message = by_cause[row[0]]
                    violations.append(Violation("I4", f"{message.kind} {message.id} was published before it was committed"))
        finally:
            db.terminate()
        return violations
