"""Background work of every service: topology, offset commits, retention, dead-letter replay."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from shared.error_text import safe_error_text
from shared.errors import FatalError
from shared.kafka.decoding import decode_record, decoder_for
from shared.pipeline import dead_letters
from shared.pipeline.inbox import Incoming
from shared.postgres.named_queries import load_queries
from shared.postgres.retry import retry_transient

if TYPE_CHECKING:
    from shared.runtime.service import Service

SQL = load_queries(__file__)
TOPOLOGY_INTERVAL, PAUSED_TOPOLOGY_INTERVAL = 10.0, 1.0
COMMIT_INTERVAL = 0.5
PURGE_INTERVAL = 600.0
DELETE_INTERVAL = 0.1

REPLAY_PAGE = 500
"""Parked messages that are taken up at a time."""


async def refresh_topology_loop(service: "Service") -> None:
    """Discover new topics and let the consumers read them. A topic that was recreated ends the process."""
    while await service.sleep_until_stop(_topology_interval(service)):
        await service.topology.refresh()
        for consumer in service.consumers:
            await consumer.resume_known_partitions()


def _topology_interval(service: "Service") -> float:
    paused = any(consumer.has_paused_partitions for consumer in service.consumers)
    return PAUSED_TOPOLOGY_INTERVAL if paused else TOPOLOGY_INTERVAL


async def commit_offsets_loop(service: "Service") -> None:
    """Store the offsets of skipped records and commit offsets to Kafka, at intervals and at the stop.

    Not after every batch, which would cost small batches a round trip each.
    """
    running = True
    while running:
        running = await service.sleep_until_stop(COMMIT_INTERVAL)
        for consumer in service.consumers:
            await service.advance_offsets(consumer.offsets.take_skipped())
        await asyncio.gather(*(consumer.commit_offsets() for consumer in service.consumers))


async def purge_expired(service: "Service") -> None:
    """Delete inbox ids and completed timers past their retention, by the clock of the database."""
    while await service.sleep_until_stop(PURGE_INTERVAL):
        for name in ("purge_inbox", "purge_timers"):
            await delete_in_batches(service, SQL[name])


async def delete_in_batches(service: "Service", statement: str) -> None:
    """Run `statement`, which deletes one batch of rows, until no row is left."""
    while await retry_transient(lambda: service.pool.execute(statement)) != "DELETE 0" and await service.sleep_until_stop(
        DELETE_INTERVAL
    ):
        pass


class StoredRecord(NamedTuple):
    """A record as it was when it was parked."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


async def replay_loop(service: "Service") -> None:
    """Lets parked messages go on: those asked to be tried again, and those behind which nothing stands any more."""
    while await service.sleep_until_stop(1):
        while await _replay_page(service) and await service.sleep_until_stop(0):
            pass


async def _replay_page(service: "Service") -> bool:
    """One portion of them, in order, up to one that fails again or the stop. Returns whether all of it went on."""
    rows = (
        await retry_transient(lambda: service.pool.fetch(dead_letters.SQL["get_dead_letters"], going))
        if (going := await _next_replayable(service))
        else []
    )
    for row in rows:
        arrived = _to_incoming(service, row)
        if error := arrived.error or await _try_replay(service, arrived):
            stays = (arrived.parked, type(error).__name__, safe_error_text(error))
            await retry_transient(lambda: service.pool.execute(dead_letters.SQL["fail_again"], *stays))  # noqa: B023
            return False
        if not await service.sleep_until_stop(0):
            return False
    return bool(rows)


async def _next_replayable(service: "Service") -> list[int]:
    """The first of all that may go on. What is parked is looked through in portions."""
    blocked, going, last = set[str](), list[int](), 0
    while len(going) < REPLAY_PAGE:
        standing = await retry_transient(lambda: service.pool.fetch(dead_letters.SQL["page_dead_letters"], last, 10 * REPLAY_PAGE))  # noqa: B023
        if not standing:
            break
        going += dead_letters.replayable(standing, lambda topic, kind: _can_decode(service, topic, kind), blocked)
        last = standing[-1][0]
    return going[:REPLAY_PAGE]


async def _try_replay(service: "Service", arrived: Incoming) -> Exception | None:
    try:
        await service.process_batch([arrived])
    except FatalError:
        raise
    except Exception as error:
        return error
    return None


def _can_decode(service: "Service", topic: str | None, kind: str | None) -> bool:
    return any(r.matches(topic) for r in service.routes) if topic else kind in service.local_inputs


def _to_incoming(service: "Service", row: Any) -> Incoming:
    """Read again as it was when it was parked. What cannot be built of the row is an error of this message alone."""
    seq, heard_at = row[0], row[-1]
    try:
        kept = _kept(row)
    except (msgspec.MsgspecError, ValueError) as error:
        return Incoming(heard_at, None, None, error, seq)
    if kept.topic:
        read = next(r.decode for r in service.routes if r.matches(kept.topic))
        return decode_record(kept, read, heard_at)._replace(parked=seq)
    return decode_record(kept, decoder_for(*service.local_inputs.values()), heard_at)._replace(record=None, parked=seq)


def _kept(row: Any) -> StoredRecord:
    _, topic, part, place, stamped, record_key, headers, value, _ = row
    return StoredRecord(topic, part, place, stamped, record_key, value, _to_headers(headers))


_to_headers = msgspec.json.Decoder(list[tuple[str, bytes | None]]).decode


WORKERS = (refresh_topology_loop, commit_offsets_loop, replay_loop, purge_expired)
