"""Messages that wait to be published: the same for our relay and for the reference."""

import secrets
from collections.abc import Iterator
from itertools import islice

import asyncpg

from shared.kafka.topology import TopicInfo, Topology
from shared.messages.serialization import OutboundRecord
from shared.pipeline import outbox

TOPIC = "tandem.intake"
TOPOLOGY: Topology = {TOPIC: TopicInfo("", "", 12)}
MESSAGE_BYTES = 1024
SUBJECTS = 10_000
MESSAGES_PER_TRANSACTION = 500
"""As many as a batch of a busy service publishes."""


def messages(count: int) -> Iterator[OutboundRecord]:
    """Yield messages of a kilobyte about 10,000 subjects in turn; half of each does not compress."""
    filler = [f"{secrets.token_hex(MESSAGE_BYTES // 4)}{'x' * (MESSAGE_BYTES // 2 - 24)}" for _ in range(64)]
    for n in range(count):
        subject = f"organisation/{n % SUBJECTS}"
        yield OutboundRecord(TOPIC, subject, subject, f'{{"n":{n:012},"x":"{filler[n % 64]}"}}'.encode()[:MESSAGE_BYTES])


async def fill(database: str, count: int) -> None:
    """Insert messages into intake's outbox, transaction by transaction."""
    db, pending = await asyncpg.connect(database), messages(count)
    while batch := list(islice(pending, MESSAGES_PER_TRANSACTION)):
        await outbox.insert(db, outbox.group_by_partition(batch, TOPOLOGY))
    await db.execute("ANALYZE outbox")
    await db.close()


async def fill_reference(database: str, count: int) -> None:
    """Insert messages into the table of `faststream-outbox`, one row each."""
    from tests.benchmarks.references.outbox import QUEUE, create_table

    await create_table(database)
    db, pending = await asyncpg.connect(database), messages(count)
    while batch := list(islice(pending, MESSAGES_PER_TRANSACTION)):
        await db.execute(
            """INSERT INTO reference.outbox (queue, payload, headers)
               SELECT $1, payload, jsonb_build_object('key', key) FROM unnest($2::bytea[], $3::text[]) AS m (payload, key)""",
            *(QUEUE, [record.value for record in batch], [record.record_key for record in batch]),
        )
    await db.execute("ANALYZE reference.outbox")
    await db.close()
