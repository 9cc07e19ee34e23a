"""Sends due letters: claims, looks up, renders, sends, records. A crash leads to one more sending at most, and is counted."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from asyncpg import Record as Row

from services.notify import post
from services.notify.addressing import Addressed, addressed
from services.notify.domain.heard import LetterDelivered, LetterRefused, LetterSkipped
from services.notify.links import Links
from services.notify.post import Outcome
from services.notify.render import Draft, render
from services.notify.store import SQL
from shared import clock
from shared.database import borrowed, patiently
from shared.errors import told
from shared.log import log
from shared.messages.envelope import Envelope, derived
from shared.policy import Policy
from shared.service import Service

LOOK = 0.02
AT_ONCE = 50
MOST_SENDINGS = 2
GIVE_UP_AFTER = timedelta(days=5)


class Result(NamedTuple):
    """A letter after a try; `attempts` counts the sendings that may have reached the person."""

    letter: Row
    outcome: Outcome
    attempts: int


class Sender:
    """One per process. Its claim on letters is short and held by a worker of its own, so that a dead process blocks nobody."""

    def __init__(self, policy: Policy, links: Links) -> None:
        self.policy, self.links, self.owner = policy, links, secrets.token_hex(8)

    async def hold(self, service: Service) -> None:
        """A worker: keeps the claim on what this process has in hand."""
        while await service.pause(1):
            await patiently(lambda: service.pool.execute(SQL["hold_letters"], self.owner))

    async def send(self, service: Service) -> None:
        """A worker: sends what is due, oldest first."""
        busy = False
        while await service.pause(0 if busy else LOOK):
            busy = await self._round(service)

    async def _round(self, service: Service) -> bool:
        """One run of letters over one connection. Returns whether there were any."""
        claim = (self.owner, AT_ONCE, GIVE_UP_AFTER)
        claimed = await patiently(lambda: service.pool.fetch(SQL["claim_letters"], *claim))
        if not claimed:
            return False
        settled = [Result(row, "taken" if row["accepted"] else "unknown", row["attempts"]) for row in claimed if _over(row)]
        letters = sorted((row for row in claimed if not _over(row)), key=lambda row: row["time"])

        async def looked_up() -> list[Addressed]:
            async with borrowed(service.pool) as db:
                return await addressed(db, letters, self.policy, self.links, clock.now())

        found = list(zip(letters, await patiently(looked_up), strict=True))
        ready = [(row, draft) for row, draft in found if isinstance(draft, Draft)]
        skipped = [_inside(row, LetterSkipped(row["id"], why), "skipped") for row, why in found if isinstance(why, str)]
        unknown = [row for row, draft in found if draft is None]
        if ready:
            settled += await self._sent(service, ready)
        await self._record(service, settled, unknown, skipped)
        return True

    async def _sent(self, service: Service, ready: Sequence[tuple[Row, Draft]]) -> list[Result]:
        """Each sending is counted before it begins, and noted when the server took it, in one statement with the next."""
        results, taken = list[Result](), None
        async with post.line(service.settings) as line:
            for row, draft in ready:
                content = self._content(draft)
                if content is None or not await line.ready():
                    results.append(Result(row, "later", 0))
                    continue
                attempts = await self._turn(service, taken, row["id"])
                if attempts is None:
                    continue
                outcome = await line.send(self.policy.sender, draft.reader.email, content)
                results.append(Result(row, outcome, attempts))
                taken = row["id"] if outcome == "taken" else None
            if taken:
                await self._turn(service, taken, None)
        return results

    async def _turn(self, service: Service, taken: Any, going: Any) -> int | None:
        """The counted sendings of the letter that goes now; None when it is no longer ours to send."""
        turn = (self.owner, taken, going)
        rows = await patiently(lambda: service.pool.fetch(SQL["turn_letters"], *turn))
        return next((row["attempts"] for row in rows if row["id"] == going), None)

    def _content(self, draft: Draft) -> bytes | None:
        """The mail's bytes; None, with a line in the log, for one that cannot be rendered."""
        try:
            return bytes(post.message(draft, render(draft, self.policy), self.policy))
        except Exception as error:
            log.error("letter not rendered", template=draft.template, error=type(error).__name__, detail=told(error))
            return None

    async def _record(
        self, service: Service, results: Sequence[Result], unknown: Sequence[Row], skipped: Sequence[Envelope[Any]]
    ) -> None:
        """What is settled goes through the rules; the rest waits, each time a bit longer."""
        said = [*skipped, *(message for result in results if (message := _outcome(result)))]
        said += [_refused(row, "no_contact") for row in unknown if row["old"]]
        await service.handle(said, park=True)
        delayed = [(r.letter["id"], int(r.outcome == "later" and r.attempts > 0)) for r in results if _outcome(r) is None]
        delayed += [(row["id"], 0) for row in unknown if not row["old"]]
        if delayed:
            ids, uncount = map(list, zip(*delayed, strict=True))
            await patiently(lambda: service.pool.execute(SQL["delay_letters"], self.owner, ids, uncount))


def _over(row: Row) -> bool:
    return bool(row["accepted"] or row["attempts"] >= MOST_SENDINGS)


def _outcome(result: Result) -> Envelope[Any] | None:
    """What is to be recorded; None where the letter is to be tried again."""
    letter, outcome, attempts = result
    match outcome:
        case "taken":
            return _inside(letter, LetterDelivered(letter["id"], attempts), "delivered")
        case "refused":
            return _refused(letter, "refused")
        case "unknown":
            return _refused(letter, "gave_up") if attempts >= MOST_SENDINGS else None
        case "later":
            return _refused(letter, "gave_up") if letter["old"] else None


def _refused(letter: Row, because: Any) -> Envelope[Any]:
    """A person must look: the log says it, and `tandem status` counts it."""
    log.warning("letter failed", letter=str(letter["id"]), template=letter["template"], role=letter["role"], because=because)
    return _inside(letter, LetterRefused(letter["id"], because), "refused")


def _inside(letter: Row, message: LetterDelivered | LetterRefused | LetterSkipped, name: str) -> Envelope[Any]:
    return Envelope(
        id=derived(letter["id"], name),
        source="/tandem/notify",
        subject=message.subject,
        time=clock.now(),
        causationid=letter["cause"],
        correlationid=letter["correlation"],
        traceparent=letter["traceparent"],
        data=message,
    )
