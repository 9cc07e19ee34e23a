"""Send due emails: claim, resolve, render, send, record. After a crash an email may be sent once more, which is counted."""

import asyncio
import secrets
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from services.notify.emails.attempt_recorder import AttemptRecorder
from services.notify.emails.mime import mime_message
from services.notify.emails.outcomes import Result, final_result, is_final, outcome_message, skipped, undeliverable
from services.notify.emails.queue import EmailQueue, PendingEmail
from services.notify.emails.render import ResolvedEmail, render
from services.notify.emails.resolve import BadAddress, Faulty, NotYetKnown, Ready, Resolution, Skip, resolve
from services.notify.emails.smtp import SmtpConnection, SmtpPool, smtp_pool
from services.notify.links import Links
from shared import clock
from shared.error_text import safe_error_text
from shared.log import log
from shared.messages.envelope import Envelope
from shared.pipeline.component import WorkerContext
from shared.postgres.pool import connection
from shared.postgres.retry import retry_transient
from shared.programme.policy import Policy

POLL_INTERVAL = 0.2
"""Seconds between polls; a commit of this process triggers one immediately."""
CLAIM_EXTENSION_INTERVAL = 1.0


class SendBatch(NamedTuple):
    """One round, to be recorded: results of attempts, emails whose contact or names are not known yet, and skipped ones."""

    results: Sequence[Result] = ()
    not_yet_known: Sequence[PendingEmail] = ()
    skipped: Sequence[Envelope[Any]] = ()


class Sender:
    """The workers that send emails; one instance per process."""

    def __init__(self, policy: Policy, links: Links) -> None:
        self.policy, self.links, self.owner = policy, links, secrets.token_hex(8)

    async def extend_claims(self, service: WorkerContext) -> None:
        """Worker: extend the claims of this process, so that only those of a dead process expire."""
        queue = EmailQueue(service.pool, self.owner)
        while await service.sleep_until_stop(CLAIM_EXTENSION_INTERVAL):
            await queue.extend_claims()

    async def send(self, service: WorkerContext) -> None:
        """Worker: send due emails in batches; each batch is recorded while the next one is sent."""
        queue = EmailQueue(service.pool, self.owner)
        async with smtp_pool(service.settings) as connections:
            await _SendLoop(self.policy, self.links, service, queue, connections).run()


class _SendLoop:
    """The state of one `Sender.send` worker."""

    def __init__(self, policy: Policy, links: Links, service: WorkerContext, queue: EmailQueue, connections: SmtpPool) -> None:
        self.policy, self.links, self.service, self.queue, self.connections = policy, links, service, queue, connections
        self.attempts = AttemptRecorder(queue.record_attempts)

    async def run(self) -> None:
        batch, busy, committed = SendBatch(), False, self.service.commit_event()
        while await self.service.sleep_until_stop(0 if busy else POLL_INTERVAL, committed):
            # During an outage the previous batch may still be unrecorded when its claims expire.
            claimed = await self.queue.claim(exclude=[result.email.id for result in batch.results])
            batch, _ = await asyncio.gather(self._send_batch(claimed), self._record(batch))
            busy = bool(claimed)
            if not busy:
                await self.connections.close_if_idle()
        await self._record(batch)

    async def _send_batch(self, claimed: Sequence[PendingEmail]) -> SendBatch:
        if not claimed:
            return SendBatch()
        final = [final_result(email) for email in claimed if is_final(email)]
        unsent = sorted((email for email in claimed if not is_final(email)), key=lambda email: email.requested_at)
        resolved = list(zip(unsent, await retry_transient(lambda: self._resolve(unsent)), strict=True))
        ready = [(email._replace(recipient=found.recipient), found.email) for email, found in resolved if isinstance(found, Ready)]
        unusable = [
            Result(email, "bad_address", 0, found.address_tag) for email, found in resolved if isinstance(found, BadAddress)
        ]
        faulty = [Result(email, "not_rendered", 0) for email, found in resolved if isinstance(found, Faulty)]
        return SendBatch(
            results=[*final, *unusable, *faulty, *await self._send_all(ready)],
            not_yet_known=[email for email, found in resolved if isinstance(found, NotYetKnown)],
            skipped=[skipped(email, found.reason) for email, found in resolved if isinstance(found, Skip)],
        )

    async def _resolve(self, emails: Sequence[PendingEmail]) -> Sequence[Resolution]:
        async with connection(self.service.pool) as db:
            return await resolve(db, emails, self.policy, self.links, clock.now())

    async def _send_all(self, emails: Iterable[tuple[PendingEmail, ResolvedEmail]]) -> list[Result]:
        """Send over all connections at once. Without a connection the rest is deferred; on stop another process takes it over.

        Raises only what ends the worker, such as a database without its tables, once the emails in flight have their outcome.
        """
        remaining, results = deque(emails), list[Result]()

        async def send_over(smtp: SmtpConnection) -> None:
            while not self.service.stopping and await smtp.ensure_connected() and remaining:
                if result := await self._send_one(smtp, *remaining.popleft()):
                    results.append(result)

        ended = await asyncio.gather(
            *(send_over(smtp) for smtp in self.connections.acquire(len(remaining))), return_exceptions=True
        )
        for error in filter(None, ended):
            await self.attempts.flush()
            raise error
        return results + [Result(email, "deferred", 0) for email, _ in remaining if not self.service.stopping]

    async def _send_one(self, smtp: SmtpConnection, pending: PendingEmail, email: ResolvedEmail) -> Result | None:
        """Return the result, or None if another process has claimed the email meanwhile."""
        content = self._render(email)
        if content is None:
            return Result(pending, "not_rendered", 0)
        attempts = await self.attempts.record_attempt(pending)
        if attempts is None:
            return None
        outcome = await smtp.send(self.policy.sender_address, email.reader.email, content)
        if outcome == "accepted":
            self.attempts.mark_accepted(pending)
        tag = self.links.recipient_tag(email.reader.email).hex() if outcome == "rejected" else ""
        return Result(pending, outcome, attempts, tag)

    def _render(self, email: ResolvedEmail) -> bytes | None:
        """Return the message's bytes, or None if it cannot be rendered, so that one faulty email does not stop the others."""
        try:
            return bytes(mime_message(email, render(email, self.policy), self.policy))
        except Exception as error:
            log.error("email_not_rendered", template=email.template, error=type(error).__name__, detail=safe_error_text(error))
            return None

    async def _record(self, batch: SendBatch) -> None:
        """Report outcomes to the decider; put the other emails back in the queue."""
        await self.attempts.flush()
        outcomes = [(result, outcome_message(result)) for result in batch.results]
        messages = [*batch.skipped, *(message for _, message in outcomes if message)]
        messages += [undeliverable(email, "no_contact") for email in batch.not_yet_known if email.overdue]
        await self.service.handle(messages, dead_letter_failures=True)
        retried = [result for result, message in outcomes if message is None]
        uncounted = {result.email.id for result in retried if result.outcome == "deferred" and result.attempts > 0}
        waiting = [email.id for email in batch.not_yet_known if not email.overdue]
        await self.queue.defer([*(result.email.id for result in retried), *waiting], uncounted)
