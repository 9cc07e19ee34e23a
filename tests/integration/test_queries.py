"""Every named statement of the house is one that PostgreSQL takes, in each schema where it is used."""

from pathlib import Path

import asyncpg
import pytest

from deploy.stack.endpoints import SERVICES, Endpoints
from shared.postgres.named_queries import load_queries

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("service", SERVICES)
async def test_every_statement_can_be_prepared_by_the_service_that_uses_it(
    stack: Endpoints, database: asyncpg.Connection, service: str
) -> None:
    files = [*sorted((ROOT / "shared").rglob("queries.sql")), *sorted((ROOT / "services" / service).rglob("queries.sql"))]
    connection = await asyncpg.connect(stack.database_of(service))
    try:
        for file in files:
            for statement in load_queries(str(file)).values():
                await connection.prepare(statement)
    finally:
        await connection.close()
    assert len(files) == 2
