"""Replays dead letters: those whose replay was requested, and blocked ones that nothing blocks any more."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import asyncpg
import msgspec

from shared.error_text import safe_error_text
from shared.errors import FatalError
from shared.kafka.decoding import Decode
from shared.kafka.record import StoredRecord
from shared.log import log
from shared.messages.envelope import Envelope
from shared.pipeline.dead_letters import SQL
from shared.postgres.pool import Pool
from shared.postgres.retry import retry_transient

REPLAY_INTERVAL = 1.0
REPLAY_PAGE_SIZE, REPLAY_PAGE_BYTES = 500, 4 << 20
SCAN_PAGE_SIZE = 5000
"""Dead letters that are looked at in one query, without their records."""

Replay = Callable[[int, Envelope[Any] | None], Awaitable[None]]
"""Processes the dead letter with this id and deletes it. Without an envelope it is only deleted."""
FindDecoder = Callable[[str | None, str | None], Decode | None]
"""Finder of the decoder for a topic, or for the kind of a local input (no topic); None if this process does not consume it.

A service may have processes without consumers, which leave records to the others.
"""
SleepUntilStop = Callable[[float], Awaitable[bool]]
"""Sleeps for these seconds; returns False once the process stops."""


class DeadLetterReplayer:
    """Replays the dead letters of a service, in order, one at a time. Safe to run in several processes; one of them takes each."""

    def __init__(self, pool: Pool, replay: Replay, find_decoder: FindDecoder, sleep_until_stop: SleepUntilStop) -> None:
        self._pool, self._replay, self._find_decoder, self._sleep_until_stop = pool, replay, find_decoder, sleep_until_stop

    async def run(self) -> None:
        """Replay at intervals until the process stops."""
        while await self._sleep_until_stop(REPLAY_INTERVAL):
            while await self._replay_page() and await self._sleep_until_stop(0):
                pass

    async def _replay_page(self) -> bool:
        """Replay one page, up to the first failure. Return True if there was a page and all of it succeeded."""
        ids = await self._next_replayable()
        rows = await retry_transient(lambda: self._pool.fetch(SQL["get_dead_letters"], ids, REPLAY_PAGE_BYTES)) if ids else []
        for row in rows:
            if not (await self._replay_one(row) and await self._sleep_until_stop(0)):
                return False
        return bool(rows)

    async def _next_replayable(self) -> list[int]:
        """Return the ids of the first replayable dead letters, at most a page."""
        blocked_keys, ids, last_id = set[str](), list[int](), 0
        while len(ids) < REPLAY_PAGE_SIZE and (rows := await self._scan(last_id)):
            ids += replayable(rows, self._can_decode, blocked_keys)
            last_id = rows[-1]["id"]
        return ids[:REPLAY_PAGE_SIZE]

    async def _scan(self, last_id: int) -> list[asyncpg.Record]:
        return await retry_transient(lambda: self._pool.fetch(SQL["scan_dead_letters"], last_id, SCAN_PAGE_SIZE))

    def _can_decode(self, topic: str | None, kind: str | None) -> bool:
        return self._find_decoder(topic, kind) is not None

    async def _replay_one(self, row: asyncpg.Record) -> bool:
        """Return False if the dead letter failed again; the error is stored with it."""
        try:
            envelope = self._decode(row)
            await self._replay(row["id"], envelope)
        except FatalError:
            raise
        except Exception as error:
            await self._record_replay_failure(row["id"], error)
            return False
        if envelope is None:
            log.warning("dead_letter_dropped", id=row["id"], kind=row["kind"], topic=row["topic"])
        return True

    def _decode(self, row: asyncpg.Record) -> Envelope[Any] | None:
        """Return None for a record that this version of the service ignores: it no longer consumes its kind."""
        decode = self._find_decoder(row["topic"], row["kind"])
        assert decode, "only what can be decoded is replayable"
        return decode(_stored_record(row), row["received_at"])

    async def _record_replay_failure(self, id: int, error: Exception) -> None:
        reason = id, type(error).__name__, safe_error_text(error)
        await retry_transient(lambda: self._pool.execute(SQL["record_replay_failure"], *reason))


def _stored_record(row: asyncpg.Record) -> StoredRecord:
    return StoredRecord(
        topic=row["topic"],
        partition=row["partition"],
        offset=row["record_offset"],
        timestamp=row["record_timestamp"],
        key=row["record_key"],
        value=row["value"],
        headers=_decode_headers(row["headers"]),
    )


_decode_headers = msgspec.json.Decoder(list[tuple[str, bytes | None]]).decode


def replayable(rows: Iterable[Any], can_decode: Callable[[str | None, str | None], bool], blocked_keys: set[str]) -> list[int]:
    """Return the ids of those of `rows` (id, topic, kind, keys, may_replay; in order) that can be replayed now.

    These are blocked or requested (`may_replay`), share no key with an earlier dead letter that stays, and can be decoded by this
    process. The keys of the others are added to `blocked_keys`, which the caller passes on from page to page.
    """
    ids = list[int]()
    for id, topic, kind, keys, may_replay in rows:
        if may_replay and blocked_keys.isdisjoint(keys) and can_decode(topic, kind):
            ids.append(id)
        else:
            blocked_keys.update(keys)
    return ids
