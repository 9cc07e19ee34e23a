"""What every service does besides its work: says that it is ready and well, takes up what was parked, forgets what is old."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from shared import parking
from shared.consumer import arrival, reading
from shared.database import patiently
from shared.errors import told
from shared.inbox import Arrived
from shared.log import log
from shared.sql import queries

if TYPE_CHECKING:
    from shared.service import Service

SQL = queries(__file__)
STALE = 10.0
"""Seconds without a look at the outbox after which a process is not well."""


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


async def forget(service: "Service") -> None:
    """Now and then deletes ids and timers that nothing can ask for any more, by the database's own clock."""
    while await service.pause(600):
        for name in ("forget_inbox", "forget_timers"):
            await _repeatedly(service, SQL[name])


async def _repeatedly(service: "Service", statement: str) -> None:
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
        while await _took_up(service):
            pass


async def _took_up(service: "Service") -> bool:
    """One batch of them, in order; one that fails again stays, and all behind it. Returns whether any went on."""
    standing = await patiently(lambda: service.pool.fetch(SQL["standing"]))
    going = parking.willing(standing, lambda topic, kind: _readable(service, topic, kind))[:500]
    rows = await patiently(lambda: service.pool.fetch(SQL["parked"], going)) if going else []
    batch = [_arrived(service, row) for row in rows]
    for arrived in batch:
        if error := arrived.error or await _error_of(service, arrived):
            stays = (arrived.parked, type(error).__name__, told(error))
            await patiently(lambda: service.pool.execute(SQL["stay"], *stays))  # noqa: B023
            return True
    return bool(batch)


async def _error_of(service: "Service", arrived: Arrived) -> Exception | None:
    try:
        await service.attempt([arrived])
    except Exception as error:
        return error
    return None


def _readable(service: "Service", topic: str | None, kind: str | None) -> bool:
    return any(r.carries(topic) for r in service.routes) if topic else kind in service.own


def _arrived(service: "Service", row: Any) -> Arrived:
    seq, topic, part, place, stamped, record_key, headers, value, heard_at = row
    kept = Kept(topic, part, place, stamped, record_key, value, msgspec.convert(headers, list[tuple[str, bytes | None]]))
    if topic:
        read = next(r.read for r in service.routes if r.carries(topic))
        return arrival(kept, read, heard_at)._replace(parked=seq)
    return arrival(kept, reading(*service.own.values()), heard_at)._replace(record=None, parked=seq)


WORKERS = (say_ready, know_the_topics, take_up, forget)
