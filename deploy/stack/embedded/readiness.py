"""Checks that a server answers requests: its port is open before it has recovered or registered."""

import asyncpg
from aiokafka.conn import create_conn
from aiokafka.errors import KafkaError
from aiokafka.protocol.metadata import MetadataRequest

CHECK_TIMEOUT = 2.0


async def answers_query(database: str) -> bool:
    """Return True if PostgreSQL answers a query. An error that waiting cannot cure, such as a wrong password, is raised."""
    try:
        connection = await asyncpg.connect(database, timeout=CHECK_TIMEOUT)
    except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
        return False
    try:
        return bool(await connection.fetchval("SELECT true", timeout=CHECK_TIMEOUT))
    except (OSError, TimeoutError, asyncpg.PostgresConnectionError):
        return False
    finally:
        connection.terminate()


async def answers_metadata(port: int) -> bool:
    """Return True if the broker on this port of this machine answers a metadata request in which it is registered."""
    try:
        connection = await create_conn("127.0.0.1", port, request_timeout_ms=int(CHECK_TIMEOUT * 1000))
    except (OSError, TimeoutError, KafkaError):
        return False
    try:
        return bool((await connection.send(MetadataRequest([]))).brokers)
    except (OSError, TimeoutError, KafkaError):
        return False
    finally:
        connection.close()
