"""PostgreSQL can prepare every named query, in each schema that uses it."""

from pathlib import Path

import asyncpg
import pytest

from deploy.stack.endpoints import SERVICES, Endpoints
from shared.postgres.named_queries import load_queries

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("service", SERVICES)
async def test_service_can_prepare_every_query_that_it_uses(stack: Endpoints, database: asyncpg.Connection, service: str) -> None:
    files = [*sorted((ROOT / "shared").rglob("queries.sql")), *sorted((ROOT / "services" / service).rglob("queries.sql"))]
    assert len(files) == 4
    connection = await asyncpg.connect(stack.database_of(service))
    try:
        for file in files:
            for statement in load_queries(str(file)).values():
                await connection.prepare(statement)
    finally:
        await connection.close()
