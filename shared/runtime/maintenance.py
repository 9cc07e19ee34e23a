"""Background work of every service: topology, offset commits, retention, dead-letter replay."""

import asyncio
from typing import TYPE_CHECKING

from shared.pipeline.component import WorkerContext
from shared.pipeline.dead_letter_replay import DeadLetterReplayer
from shared.postgres.named_queries import load_queries
from shared.postgres.retry import retry_transient

if TYPE_CHECKING:
    from shared.runtime.service import Service

SQL = load_queries(__file__)
TOPOLOGY_INTERVAL, PAUSED_TOPOLOGY_INTERVAL = 10.0, 1.0
COMMIT_INTERVAL = 0.5
PURGE_INTERVAL = 600.0
DELETE_INTERVAL = 0.1
"""Seconds between two batches of deletes, to leave the database time for other work."""


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


async def purge_expired_loop(service: "Service") -> None:
    """Delete inbox ids and finalized timers past their retention, by the clock of the database."""
    while await service.sleep_until_stop(PURGE_INTERVAL):
        for name in ("purge_inbox", "purge_timers"):
            await delete_in_batches(service, SQL[name])


async def delete_in_batches(service: WorkerContext, statement: str) -> None:
    """Run `statement`, which deletes one batch of rows, until no row is left."""
    while await retry_transient(lambda: service.pool.execute(statement)) != "DELETE 0":
        if not await service.sleep_until_stop(DELETE_INTERVAL):
            break


async def replay_dead_letters_loop(service: "Service") -> None:
    """Replay dead letters whose replay was requested, and those that are no longer blocked."""
    await DeadLetterReplayer(service.pool, service.replay, service.find_decoder, service.sleep_until_stop).run()


WORKERS = (refresh_topology_loop, commit_offsets_loop, replay_dead_letters_loop, purge_expired_loop)
