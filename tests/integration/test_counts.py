"""Two counts that keep each service fast, and unlike timings have no noise: statements per batch, and outbox rows per batch."""

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
from shared.messages.serialization import OutboundRecord
from shared.postgres.pool import Connection, open_pool
from shared.runtime.service import Service
from shared.runtime.topology_cache import TopologyCache
from shared.settings import Settings
from tests.benchmarks.load import partner_events, service_messages
from tests.benchmarks.load.publishing import HEADERS, PARTITIONS

SETTINGS = Settings(database=SecretStr("unused"), link_secret=SecretStr("x" * 32), person_secret=SecretStr("y" * 32))


class Case(NamedTuple):
    """A service, with input records that grow with `n`.

    `state_kinds` and `effects` are how many kinds the input touches, `prepare` inserts the state that it needs, `publishes` is
    False if it has no outputs.
    """

    name: str
    service: Callable[[Settings], Service]
    records: Callable[[int], Sequence[OutboundRecord]]
    state_kinds: int
    effects: int  # statements of the effect handlers
    prepare: Callable[[Connection, int], Awaitable[None]] | None = None
    publishes: bool = True


def registrations(n: int) -> list[OutboundRecord]:
    """Organisations with a coordinator and a name, each of which gets a welcome email."""
    ids = [service_messages.entity_id("organisation", nth) for nth in range(n)]
    return [service_messages.to_record(message, nth) for nth, id in enumerate(ids) for message in registration(id)]


def registration(id: UUID) -> tuple[ContactChanged, TextFiled, OrganisationRegistered]:
    subject = f"organisation/{id}"
    return (
        ContactChanged(subject, "coordinator", 0, "Coördinator Eén", "coordinator@bench.example", None, "nl-BE", "Europe/Brussels"),
        TextFiled(subject, "name", "Voorbeeldhuis"),
        OrganisationRegistered(
            id, "taking_part", "ocmw", ("fit",), ("generational_poverty",), "tandem", True, "nl-BE", "Europe/Brussels", (), ()
        ),
    )


CASES = (
    Case("intake", intake.service, lambda n: partner_events.partner_load(n * 10).records, state_kinds=4, effects=0),
    Case(
        "matching",
        matching.service,
        lambda n: service_messages.matching_load(n * 4).records,
        state_kinds=2,
        effects=2,
        prepare=lambda db, n: service_messages.insert_shortlists(db, range(n)),
    ),
    Case("coaching", coaching.service, lambda n: service_messages.coaching_load(n * 2).records, state_kinds=2, effects=1),
    Case("notify", notify.service, registrations, state_kinds=1, effects=4, publishes=False),  # contacts: changes, then contacts
)


@pytest.mark.parametrize("n", [1, 7, 60])
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_the_number_of_statements_depends_on_what_a_batch_touches_and_not_on_its_size(
    stack: Endpoints, kafka: str, case: Case, n: int
) -> None:
    async with processed(stack, case, n) as (statements, _):
        commit = 1  # not logged, because the transaction is nested in that of the test
        expected = 8 + 2 * (case.state_kinds - 1) + case.effects - (not case.publishes)
        assert len(statements) + commit == expected, [statement[:60] for statement in statements]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_a_batch_inserts_at_most_one_outbox_row_per_partition(stack: Endpoints, kafka: str, case: Case) -> None:
    async with processed(stack, case, 60) as (_, db):
        topics, rows = (await db.fetch("SELECT count(DISTINCT topic), count(*) FROM outbox"))[0]

        assert rows <= topics * PARTITIONS


@asynccontextmanager
async def processed(stack: Endpoints, case: Case, n: int) -> AsyncIterator[tuple[list[str], Connection]]:
    """Process one batch in a transaction that is rolled back at the exit; yields its statements and the connection."""
    service, statements = case.service(SETTINGS), list[str]()
    async with open_pool(stack.database_of(case.name), size=2) as pool, pool.acquire() as db, rolled_back(db):
        topology = TopologyCache(pool)
        await topology.load()
        await db.execute("DELETE FROM outbox")
        if case.prepare:
            await case.prepare(db, n)
        batch = decoded(service, case.records(n))
        async with rolled_back(db):  # the first batch of a connection has further statements, which look up types
            await service.runner.process(db, topology.topics, batch)
        with db.query_logger(lambda logged: statements.append(logged.query)):
            await service.runner.process(db, topology.topics, batch)
        yield statements, db


@asynccontextmanager
async def rolled_back(db: Connection) -> AsyncIterator[None]:
    transaction = db.transaction()
    await transaction.start()
    try:
        yield
    finally:
        await transaction.rollback()


def decoded(service: Service, outbound: Sequence[OutboundRecord]) -> list[Incoming]:
    """The records as the routes of the service decode them."""
    records = [
        StoredRecord(one.topic, 0, 10**9 + nth, 0, one.record_key.encode(), one.value, HEADERS) for nth, one in enumerate(outbound)
    ]
    decoders = {one.topic: next(route.decode for route in service.routes if route.matches(one.topic)) for one in outbound}
    return [decode_record(record, decoders[record.topic], partner_events.PUBLISHED_AT) for record in records]
