"""Advisory locks on entity keys, held until the transaction ends."""

from collections.abc import Iterable
from zlib import crc32

from shared.postgres.named_queries import load_queries
from shared.postgres.pool import Connection

SQL = load_queries(__file__)


async def lock_keys(db: Connection, service: str, keys: Iterable[str]) -> None:
    """Lock these keys against other batches of this service, whether or not they have a row."""
    await db.execute(SQL["lock_keys"], list(keys), crc32(service.encode()))
