"""Two counts that keep each service fast, free of noise: statements a batch, and rows that a batch adds to the outbox."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple
from uuid import UUID

import pytest
from pydantic import SecretStr

from deploy.stack.endpoints import Endpoints
from services.coaching import app as coaching
from services.intake import app as intake
from services.matching import app as matching
from services.notify import app as notify
from shared.kafka.decoding import decode_record
from shared.kafka.incoming import Incoming
from shared.kafka.record import StoredRecord
from shared.messages.intake import ContactChanged, OrganisationRegistered, TextFiled
from shared.postgres.pool import Connection, create_pool
from shared.runtime.service import Service
from shared.runtime.topology_cache import TopologyCache
from shared.settings import Settings
from tests.benchmarks.load import partner_events as records
from tests.benchmarks.load import service_messages as service_load
from tests.benchmarks.load.publishing import PARTITIONS, Ready

SETTINGS = Settings(database=SecretStr("not asked"), link_secret=SecretStr("x" * 32))


class Case(NamedTuple):
    """A service, what it hears in `n` stories, how many kinds of state and of effect they touch, what must be there before, and
    whether anything is said to the bus."""

    name: str
    service: Callable[[], Service]
    heard: Callable[[int], Sequence[Ready]]
    kinds: int
    effects: int
    before: Callable[[Connection, int], Awaitable[None]] | None = None
    says: bool = True


def letters(stories: int) -> list[Ready]:
    """Organisations with a coordinator and a name; each gets its welcome."""
    return [service_load.ready(message, nth) for nth in range(stories) for message in told(service_load.named("organisation", nth))]


def told(id: UUID) -> tuple[ContactChanged, TextFiled, OrganisationRegistered]:
    about = f"organisation/{id}"
    return (
        ContactChanged(about, "coordinator", 0, "Coördinator Eén", "coordinator@bench.example", None, "nl-BE", "Europe/Brussels"),
        TextFiled(about, "name", "Voorbeeldhuis"),
        OrganisationRegistered(
            id, "taking_part", "ocmw", ("fit",), ("generational_poverty",), "tandem", True, "nl-BE", "Europe/Brussels", (), ()
        ),
    )


CASES = (
    Case("intake", lambda: intake.service(SETTINGS), lambda n: records.load(n * 10).records, kinds=3, effects=0),
    Case(
        "matching",
        lambda: matching.service(SETTINGS),
        lambda n: service_load.for_matching(n * 4).records,
        kinds=2,
        effects=2,
        before=lambda db, n: service_load.listed(db, range(n)),
    ),
    Case("coaching", lambda: coaching.service(SETTINGS), lambda n: service_load.for_coaching(n * 2).records, kinds=2, effects=1),
    Case("notify", lambda: notify.service(SETTINGS), letters, kinds=1, effects=3, says=False),
)


@pytest.mark.parametrize("stories", [1, 7, 60])
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_the_statements_of_a_batch_are_counted_by_what_it_touches_and_not_by_its_size(
    stack: Endpoints, kafka: str, case: Case, stories: int
) -> None:
    async with handled(stack, case, stories) as (statements, _):
        commit = 1  # the driver keeps it to itself where a transaction stands inside another
        expected = 8 + 2 * (case.kinds - 1) + case.effects - (not case.says)
        assert len(statements) + commit == expected, [line[:60] for line in statements]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_a_batch_adds_a_row_for_each_partition_that_it_speaks_to_at_most(stack: Endpoints, kafka: str, case: Case) -> None:
    async with handled(stack, case, 60) as (_, db):
        topics, rows = (await db.fetch("SELECT count(DISTINCT topic), count(*) FROM outbox"))[0]

        assert rows <= topics * PARTITIONS


@asynccontextmanager
async def handled(stack: Endpoints, case: Case, stories: int) -> AsyncIterator[tuple[list[str], Connection]]:
    """The statements of one batch, and the connection while what it did can be seen; nothing of it stays."""
    service, statements = case.service(), list[str]()
    pool = await create_pool(stack.database_of(case.name), size=2)
    topology = TopologyCache(pool)
    await topology.load()
    async with pool.acquire() as db:
        whole = db.transaction()
        await whole.start()
        await db.execute("DELETE FROM outbox")
        if case.before:
            await case.before(db, stories)
        batch = heard(service, case.heard(stories))
        await undone(db, service, topology, batch)
        with db.query_logger(lambda logged: statements.append(logged.query)):
            await service.runner.process(db, topology.topics, batch)
        yield statements, db
        await whole.rollback()
    await pool.close()


async def undone(db: Connection, service: Service, topology: TopologyCache, batch: Sequence[Incoming]) -> None:
    """Once before it counts: the driver asks for the types that it meets, once a connection."""
    first = db.transaction()
    await first.start()
    await service.runner.process(db, topology.topics, batch)
    await first.rollback()


def heard(service: Service, ready: Sequence[Ready]) -> list[Incoming]:
    """The records as the service's own routes read them."""
    headers = [("content-type", b"application/cloudevents+json")]
    batch = [StoredRecord(one.topic, 0, 10**9 + nth, 0, one.key.encode(), one.value, headers) for nth, one in enumerate(ready)]
    return [decode_record(one, next(r.decode for r in service.routes if r.matches(one.topic)), records.MOMENT) for one in batch]
