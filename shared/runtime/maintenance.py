"""What every service does besides its work: says that it is well and how far, takes up what was parked, forgets what is old."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from shared.errors import FATAL_ERRORS, safe_error_text
from shared.kafka.consumer import decode_record, decoder_for
from shared.log import log
from shared.pipeline import dead_letters
from shared.pipeline.inbox import Incoming
from shared.postgres.named_queries import load_queries
from shared.postgres.pool import retry_transient

if TYPE_CHECKING:
    from shared.runtime.service import Service

SQL = load_queries(__file__)
RELAY_STALL_TIMEOUT = 10.0
"""Seconds without a look at the outbox after which a process is not well."""

REPLAY_PAGE = 500
"""Parked messages that are taken up at a time."""


async def report_health(service: "Service") -> None:
    """Logs `ready` once consumers and relay work, and from then on touches the ready file every two seconds while that holds."""
    while not _is_healthy(service):
        if not await service.sleep_until_stop(0.02):
            return
    log.info("ready")
    while True:
        if service.settings.ready_file and _is_healthy(service):
            service.settings.ready_file.touch()
        if not await service.sleep_until_stop(2):
            return


def _is_healthy(service: "Service") -> bool:
    looked = asyncio.get_running_loop().time() - service.relay.last_round < RELAY_STALL_TIMEOUT
    return looked and all(lane.well() for lane in service.consumers) and service.healthy()


async def refresh_topology_loop(service: "Service") -> None:
    """Notices new topics, lets the lanes read them, and ends the process where one was made anew."""
    while await service.sleep_until_stop(1 if any(lane.waits for lane in service.consumers) else 10):
        await service.refresh_topology()
        for lane in service.consumers:
            await lane.go_on()


async def commit_offsets_loop(service: "Service") -> None:
    """Says twice a second, and when told to stop, how far the lanes went; after each small batch it would cost too much."""
    going = True
    while going:
        going = await service.sleep_until_stop(0.5)
        for lane in service.consumers:
            passed, lane.passed = lane.passed, {}
            await service.advance_offsets(passed)
        await asyncio.gather(*(lane.tell() for lane in service.consumers))


async def purge_expired(service: "Service") -> None:
    """Now and then deletes ids and timers that nothing can ask for any more, by the database's own clock."""
    while await service.sleep_until_stop(600):
        for name in ("forget_inbox", "forget_timers"):
            await delete_in_batches(service, SQL[name])


async def delete_in_batches(service: "Service", statement: str) -> None:
    """Runs a statement that deletes a portion until none is left."""
    while await retry_transient(lambda: service.pool.execute(statement)) != "DELETE 0" and await service.sleep_until_stop(0.1):
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
        await retry_transient(lambda: service.pool.fetch(dead_letters.SQL["parked"], going))
        if (going := await _next_replayable(service))
        else []
    )
    for row in rows:
        arrived = _to_incoming(service, row)
        if error := arrived.error or await _try_replay(service, arrived):
            stays = (arrived.parked, type(error).__name__, safe_error_text(error))
            await retry_transient(lambda: service.pool.execute(dead_letters.SQL["stay"], *stays))  # noqa: B023
            return False
        if not await service.sleep_until_stop(0):
            return False
    return bool(rows)


async def _next_replayable(service: "Service") -> list[int]:
    """The first of all that may go on. What is parked is looked through in portions."""
    blocked, going, last = set[str](), list[int](), 0
    while len(going) < REPLAY_PAGE:
        standing = await retry_transient(lambda: service.pool.fetch(dead_letters.SQL["standing"], last, 10 * REPLAY_PAGE))  # noqa: B023
        if not standing:
            break
        going += dead_letters.replayable(standing, lambda topic, kind: _can_decode(service, topic, kind), blocked)
        last = standing[-1][0]
    return going[:REPLAY_PAGE]


async def _try_replay(service: "Service", arrived: Incoming) -> Exception | None:
    try:
        await service.process_batch([arrived])
    except FATAL_ERRORS:
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


WORKERS = (report_health, refresh_topology_loop, commit_offsets_loop, replay_loop, purge_expired)
