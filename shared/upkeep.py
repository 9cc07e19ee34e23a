"""What every service does besides its work: says that it is well and how far, takes up what was parked, forgets what is old."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from shared import parking
from shared.consumer import arrival, reading
from shared.database import patiently
from shared.errors import WHOLE, told
from shared.inbox import Arrived
from shared.log import log
from shared.sql import queries

if TYPE_CHECKING:
    from shared.service import Service

SQL = queries(__file__)
STALE = 10.0
"""Seconds without a look at the outbox after which a process is not well."""

PORTION = 500
"""Parked messages that are taken up at a time."""


async def say_ready(service: "Service") -> None:
    """Logs `ready` once consumers and relay work, and from then on touches the ready file every two seconds while that holds."""
    while not _well(service):
        if not await service.pause(0.02):
            return
    log.info("ready")
    while True:
        if service.settings.ready_file and _well(service):
            service.settings.ready_file.touch()
        if not await service.pause(2):
            return


def _well(service: "Service") -> bool:
    looked = asyncio.get_running_loop().time() - service.relay.last_round < STALE
    return looked and all(lane.well() for lane in service.lanes) and service.healthy()


async def know_the_topics(service: "Service") -> None:
    """Notices new topics, lets the lanes read them, and ends the process where one was made anew."""
    while await service.pause(1 if any(lane.waits for lane in service.lanes) else 10):
        await service.learn()
        for lane in service.lanes:
            await lane.go_on()


async def tell(service: "Service") -> None:
    """Says twice a second, and when told to stop, how far the lanes went; after each small batch it would cost too much."""
    going = True
    while going:
        going = await service.pause(0.5)
        for lane in service.lanes:
            passed, lane.passed = lane.passed, {}
            await service.move_on(passed)
        await asyncio.gather(*(lane.tell() for lane in service.lanes))


async def forget(service: "Service") -> None:
    """Now and then deletes ids and timers that nothing can ask for any more, by the database's own clock."""
    while await service.pause(600):
        for name in ("forget_inbox", "forget_timers"):
            await repeatedly(service, SQL[name])


async def repeatedly(service: "Service", statement: str) -> None:
    """Runs a statement that deletes a portion until none is left."""
    while await patiently(lambda: service.pool.execute(statement)) != "DELETE 0" and await service.pause(0.1):
        pass


class Kept(NamedTuple):
    """A record as it was when it was parked."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


async def take_up(service: "Service") -> None:
    """Lets parked messages go on: those asked to be tried again, and those behind which nothing stands any more."""
    while await service.pause(1):
        while await _took_up(service) and await service.pause(0):
            pass


async def _took_up(service: "Service") -> bool:
    """One portion of them, in order, up to one that fails again or the stop. Returns whether all of it went on."""
    rows = await patiently(lambda: service.pool.fetch(SQL["parked"], going)) if (going := await _going(service)) else []
    for row in rows:
        arrived = _arrived(service, row)
        if error := arrived.error or await _error_of(service, arrived):
            stays = (arrived.parked, type(error).__name__, told(error))
            await patiently(lambda: service.pool.execute(SQL["stay"], *stays))  # noqa: B023
            return False
        if not await service.pause(0):
            return False
    return bool(rows)


async def _going(service: "Service") -> list[int]:
    """The first of all that may go on. What is parked is looked through in portions."""
    blocked, going, last = set[str](), list[int](), 0
    while len(going) < PORTION:
        standing = await patiently(lambda: service.pool.fetch(SQL["standing"], last, 10 * PORTION))  # noqa: B023
        if not standing:
            break
        going += parking.willing(standing, lambda topic, kind: _readable(service, topic, kind), blocked)
        last = standing[-1][0]
    return going[:PORTION]


async def _error_of(service: "Service", arrived: Arrived) -> Exception | None:
    try:
        await service.attempt([arrived])
    except WHOLE:
        raise
    except Exception as error:
        return error
    return None


def _readable(service: "Service", topic: str | None, kind: str | None) -> bool:
    return any(r.carries(topic) for r in service.routes) if topic else kind in service.own


def _arrived(service: "Service", row: Any) -> Arrived:
    """Read again as it was when it was parked. What cannot be built of the row is an error of this message alone."""
    seq, heard_at = row[0], row[-1]
    try:
        kept = _kept(row)
    except (msgspec.MsgspecError, ValueError) as error:
        return Arrived(heard_at, None, None, error, seq)
    if kept.topic:
        read = next(r.read for r in service.routes if r.carries(kept.topic))
        return arrival(kept, read, heard_at)._replace(parked=seq)
    return arrival(kept, reading(*service.own.values()), heard_at)._replace(record=None, parked=seq)


def _kept(row: Any) -> Kept:
    _, topic, part, place, stamped, record_key, headers, value, _ = row
    return Kept(topic, part, place, stamped, record_key, value, _to_headers(headers))


_to_headers = msgspec.json.Decoder(list[tuple[str, bytes | None]]).decode


WORKERS = (say_ready, know_the_topics, tell, take_up, forget)
