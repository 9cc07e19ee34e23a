"""Sends due letters: claims, looks up, renders, sends, records. A crash leads to one more sending at most, and is counted."""

import asyncio
import secrets
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from asyncpg import Record as Row

from services.notify.domain.inputs import EmailDelivered, EmailSkipped, EmailUndeliverable
from services.notify.emails import smtp
from services.notify.emails.render import ResolvedEmail, render
from services.notify.emails.resolve import Resolution, resolve
from services.notify.emails.smtp import Outcome, SmtpConnection, SmtpPool
from services.notify.links import Links
from services.notify.store import SQL
from shared import clock
from shared.error_text import safe_error_text
from shared.log import log
from shared.messages.envelope import Envelope, deterministic_uuid
from shared.postgres.pool import connection
from shared.postgres.retry import retry_transient
from shared.programme.policy import Policy
from shared.runtime.service import Service

POLL_INTERVAL = 0.2
"""Seconds between two looks; what this process commits is looked at once."""
BATCH_SIZE = 50
MAX_ATTEMPTS = 2
GIVE_UP_AFTER = timedelta(days=5)
CLAIM_DURATION = timedelta(seconds=4)


class Result(NamedTuple):
    """A letter after a try; `attempts` counts the sendings that may have reached the person."""

    letter: Row
    outcome: Outcome
    attempts: int


class SendBatch(NamedTuple):
    """What is to be recorded of a round: results, letters whose person or words are not known, and what is not to be sent."""

    results: Sequence[Result] = ()
    unknown: Sequence[Row] = ()
    skipped: Sequence[Envelope[Any]] = ()


class Sender:
    """One per process. Its claim on letters is short and held by a worker of its own, so that a dead process blocks nobody."""

    def __init__(self, policy: Policy, links: Links) -> None:
        self.policy, self.links, self.owner = policy, links, secrets.token_hex(8)
        self.asked, self.counted, self.turning = dict[UUID, int | None](), dict[UUID, int](), asyncio.Lock()

    async def hold(self, service: Service) -> None:
        """A worker: keeps the claim on what this process has in hand."""
        while await service.sleep_until_stop(1):
            await retry_transient(lambda: service.pool.execute(SQL["extend_claims"], self.owner, CLAIM_DURATION))

    async def send(self, service: Service) -> None:
        """A worker: sends what is due, oldest first. What became of one round is recorded while the next goes."""
        last, busy, committed = SendBatch(), False, service.commit_event()
        async with smtp.smtp_pool(service.settings) as lines:
            while await service.sleep_until_stop(0 if busy else POLL_INTERVAL, committed):
                rows = await self._claimed(service, last)
                last, _ = await asyncio.gather(self._round(service, lines, rows), self._record(service, last))
                busy = bool(rows)
                if not busy:
                    await lines.rest()
            await self._record(service, last)

    async def _claimed(self, service: Service, last: SendBatch) -> Sequence[Row]:
        """What is due; not what went in the last round, which an outage may have kept from being noted."""
        claim = self.owner, BATCH_SIZE, CLAIM_DURATION, GIVE_UP_AFTER, [result.letter["id"] for result in last.results]
        return await retry_transient(lambda: service.pool.fetch(SQL["claim_emails"], *claim))

    async def _round(self, service: Service, lines: SmtpPool, claimed: Sequence[Row]) -> SendBatch:
        if not claimed:
            return SendBatch()
        settled = [
            Result(row, "taken" if row["accepted"] else "unknown", row["send_attempts"]) for row in claimed if _is_final(row)
        ]
        letters = sorted((row for row in claimed if not _is_final(row)), key=lambda row: row["requested_at"])

        async def looked_up() -> list[Resolution]:
            async with connection(service.pool) as db:
                return await resolve(db, letters, self.policy, self.links, clock.now())

        found = list(zip(letters, await retry_transient(looked_up), strict=True))
        ready = [(row, draft) for row, draft in found if isinstance(draft, ResolvedEmail)]
        skipped = [_inside(row, EmailSkipped(row["id"], why), "skipped") for row, why in found if isinstance(why, str)]
        unknown = [row for row, draft in found if draft is None]
        return SendBatch([*settled, *await self._sent(service, lines, ready)], unknown, skipped)

    async def _sent(self, service: Service, lines: SmtpPool, ready: Iterable[tuple[Row, ResolvedEmail]]) -> list[Result]:
        """Each line takes the next letter as soon as it is free. What no line took is for later, what a stop left for others."""
        left, results = deque(ready), list[Result]()

        async def along(line: SmtpConnection) -> None:
            while not service.stopping and await line.ready() and left:
                if result := await self._tried(service, line, *left.popleft()):
                    results.append(result)

        await asyncio.gather(*(along(line) for line in lines.some(len(left))))
        return results + [Result(row, "later", 0) for row, _ in left if not service.stopping]

    async def _tried(self, service: Service, line: SmtpConnection, row: Row, draft: ResolvedEmail) -> Result | None:
        """A sending is counted before it begins, its taking noted before the line carries another; None if it is no longer ours."""
        content = self._content(draft)
        if content is None:
            return Result(row, "later", 0)
        attempts = await self._turn(service, row)
        if attempts is None:
            return None
        outcome = await line.send(self.policy.sender_address, draft.reader.email, content)
        if outcome == "taken":
            self.asked[row["id"]] = None
        return Result(row, outcome, attempts)

    async def _turn(self, service: Service, going: Row | None = None) -> int | None:
        """Which sending of this letter is about to go, if it is still ours; what was taken is noted in the same statement.

        Lines that ask meanwhile share it. The number is told and not added to, so that it may be said again if its answer was lost.
        """
        if going is not None:
            self.asked[going["id"]] = going["send_attempts"] + 1
        async with self.turning:
            if self.asked:
                some, self.asked = self.asked, {}
                turn = self.owner, list(some), list(some.values()), CLAIM_DURATION
                rows = await retry_transient(lambda: service.pool.fetch(SQL["record_attempts"], *turn))
                self.counted |= {row["id"]: row["send_attempts"] for row in rows if not row["accepted"]}
        return self.counted.pop(going["id"], None) if going is not None else None

    def _content(self, draft: ResolvedEmail) -> bytes | None:
        """The mail's bytes; None, with a line in the log, for one that cannot be rendered."""
        try:
            return bytes(smtp.mime_message(draft, render(draft, self.policy), self.policy))
        except Exception as error:
            log.error("email_not_rendered", template=draft.template, error=type(error).__name__, detail=safe_error_text(error))
            return None

    async def _record(self, service: Service, done: SendBatch) -> None:
        """What is settled goes through the rules; the rest waits, each time a bit longer."""
        await self._turn(service)
        said = [*done.skipped, *(message for result in done.results if (message := _outcome(result)))]
        said += [_refused(row, "no_contact") for row in done.unknown if row["overdue"]]
        await service.handle(said, dead_letter_failures=True)
        delayed = [(r.letter["id"], int(r.outcome == "later" and r.attempts > 0)) for r in done.results if _outcome(r) is None]
        delayed += [(row["id"], 0) for row in done.unknown if not row["overdue"]]
        if delayed:
            ids, uncount = map(list, zip(*delayed, strict=True))
            await retry_transient(lambda: service.pool.execute(SQL["defer_emails"], self.owner, ids, uncount))


def _is_final(row: Row) -> bool:
    return bool(row["accepted"] or row["send_attempts"] >= MAX_ATTEMPTS)


def _outcome(result: Result) -> Envelope[Any] | None:
    """What is to be recorded; None where the letter is to be tried again."""
    letter, outcome, attempts = result
    match outcome:
        case "taken":
            return _inside(letter, EmailDelivered(letter["id"], attempts), "delivered")
        case "rejected":
            return _refused(letter, "rejected")
        case "unknown":
            return _refused(letter, "gave_up") if attempts >= MAX_ATTEMPTS else None
        case "later":
            return _refused(letter, "gave_up") if letter["overdue"] else None


def _refused(letter: Row, reason: Any) -> Envelope[Any]:
    """A person must look: the log says it, and `tandem status` counts it."""
    log.warning("email_failed", email=str(letter["id"]), template=letter["template"], role=letter["role"], reason=reason)
    return _inside(letter, EmailUndeliverable(letter["id"], reason), "rejected")


def _inside(letter: Row, message: EmailDelivered | EmailUndeliverable | EmailSkipped, name: str) -> Envelope[Any]:
    return Envelope(
        id=deterministic_uuid(letter["id"], name),
        source="/tandem/notify",
        subject=message.subject,
        time=clock.now(),
        causationid=letter["cause"],
        correlationid=letter["correlation"],
        traceparent=letter["traceparent"],
        data=message,
    )
