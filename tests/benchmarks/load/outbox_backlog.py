"""Messages that wait to be published, the same for our relay and for the reference."""

import secrets
from collections.abc import Iterator
from itertools import islice

import asyncpg

from shared.messages.serialization import OutboundRecord
from shared.pipeline import outbox
from shared.pipeline.inbox import TopicInfo, Topology

TOPIC = "tandem.intake"
TOPICS: Topology = {TOPIC: TopicInfo("", "", 12)}
SIZE = 1024
BATCH = 500
"""Messages that one transaction says, as a batch of a busy service does."""


def messages(count: int) -> Iterator[OutboundRecord]:
    """So many of a kilobyte each, about ten thousand things in turn; half of it does not compress."""
    filler = [f"{secrets.token_hex(SIZE // 4)}{'x' * (SIZE // 2 - 24)}" for _ in range(64)]
    for nth in range(count):
        subject = f"organisation/{nth % 10_000}"
        yield OutboundRecord(TOPIC, subject, subject, f'{{"n":{nth:012},"x":"{filler[nth % 64]}"}}'.encode()[:SIZE])


async def fill(database: str, count: int) -> None:
    """Puts them in intake's outbox, transaction by transaction."""
    db, waiting = await asyncpg.connect(database), messages(count)
    while batch := list(islice(waiting, BATCH)):
        await outbox.insert(db, outbox.group_by_partition(batch, TOPICS))
    await db.execute("ANALYZE outbox")
    await db.close()


async def fill_reference(database: str, count: int) -> None:
    """Puts them in the table of `faststream-outbox`, a row each."""
    from tests.benchmarks.references.outbox import QUEUE, create

    await create(database)
    db, waiting = await asyncpg.connect(database), messages(count)
    while batch := list(islice(waiting, BATCH)):
        await db.execute(
            """INSERT INTO reference.outbox (queue, payload, headers)
               SELECT $1, payload, jsonb_build_object('key', key) FROM unnest($2::bytea[], $3::text[]) AS m (payload, key)""",
            *(QUEUE, [sealed.value for sealed in batch], [sealed.record_key for sealed in batch]),
        )
    await db.execute("ANALYZE reference.outbox")
    await db.close()
