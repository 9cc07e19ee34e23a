"""The table `emails` as a work queue: claims are leases of this process, so that another one takes over if it dies."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from asyncpg import Record

from services.notify.domain.people import Person
from services.notify.store import SQL
from shared.postgres.pool import Pool
from shared.postgres.retry import retry_transient

BATCH_SIZE = 50
CLAIM_DURATION = timedelta(seconds=4)
GIVE_UP_AFTER = timedelta(days=5)


class PendingEmail(NamedTuple):
    """A claimed row: `attempts` counts those that may have reached the person, `overdue` if it is older than `GIVE_UP_AFTER`."""

    id: UUID
    cause: UUID
    correlation: UUID
    traceparent: str | None
    template: str
    to: Person
    about: str
    facts: Mapping[str, Any]
    requested_at: datetime
    expires_at: datetime | None
    attempts: int = 0
    accepted: bool = False
    overdue: bool = False
    recipient: str = ""
    """Digest of the name and address that the email goes to, once it is resolved."""


class Attempt(NamedTuple):
    """The number of an attempt that is about to start, and the digest of its recipient."""

    number: int
    recipient: str


NO_ATTEMPT = Attempt(0, "")
"""Placeholder for an email that was accepted: its columns are ignored."""


class EmailQueue:
    """Queries of the sender; `owner` identifies this process. Transient errors of the database are retried."""

    def __init__(self, pool: Pool, owner: str) -> None:
        self._pool, self._owner = pool, owner

    async def claim(self, exclude: Sequence[UUID]) -> list[PendingEmail]:
        """Claim up to `BATCH_SIZE` due emails, oldest first, without those in `exclude`."""
        arguments = self._owner, BATCH_SIZE, CLAIM_DURATION, GIVE_UP_AFTER, exclude
        return [_pending_email(row) for row in await retry_transient(lambda: self._pool.fetch(SQL["claim_emails"], *arguments))]

    async def extend_claims(self) -> None:
        """Extend the claims of this process by `CLAIM_DURATION` from now."""
        await retry_transient(lambda: self._pool.execute(SQL["extend_claims"], self._owner, CLAIM_DURATION))

    async def record_attempts(self, attempts: Mapping[UUID, Attempt], accepted: Collection[UUID]) -> Mapping[UUID, int]:
        """Set the number of the attempt that each email is about to make, and mark others as accepted, in one statement.

        Returns the attempts that were recorded; one is missing if this process has lost its claim.
        """
        entries = [*attempts.values(), *(NO_ATTEMPT for _ in accepted)]
        numbers, recipients = [entry.number for entry in entries], [entry.recipient for entry in entries]
        is_accepted = [False] * len(attempts) + [True] * len(accepted)
        arguments = self._owner, [*attempts, *accepted], numbers, recipients, is_accepted, CLAIM_DURATION
        rows = await retry_transient(lambda: self._pool.fetch(SQL["record_attempts"], *arguments))
        return {row["id"]: row["send_attempts"] for row in rows if not row["accepted"]}

    async def defer(self, ids: Sequence[UUID], uncounted: Collection[UUID]) -> None:
        """Put emails back with a growing delay. For those in `uncounted` the latest attempt reached no person and is taken back."""
        if ids:
            arguments = self._owner, ids, [int(id in uncounted) for id in ids]
            await retry_transient(lambda: self._pool.execute(SQL["defer_emails"], *arguments))


def person_in(row: Record) -> Person:
    return Person(row["subject"], row["role"], row["recipient_index"])


def _pending_email(row: Record) -> PendingEmail:
    return PendingEmail(
        id=row["id"],
        cause=row["cause"],
        correlation=row["correlation"],
        traceparent=row["traceparent"],
        template=row["template"],
        to=person_in(row),
        about=row["about"],
        facts=row["facts"],
        requested_at=row["requested_at"],
        expires_at=row["expires_at"],
        attempts=row["send_attempts"],
        accepted=row["accepted"],
        overdue=row["overdue"],
    )
