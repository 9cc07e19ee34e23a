"""Leases on the shards of the outbox: which relay of a service publishes which partitions.

Two relays that publish the same partition cause duplicates, which the inboxes drop, so that a lease needs no fencing token.
"""

import asyncio
from datetime import timedelta
from uuid import uuid4  # noqa: TID251

from shared.postgres.named_queries import load_queries
from shared.postgres.pool import Pool
from shared.postgres.retry import retry_transient

SQL = load_queries(__file__)
SHARD_COUNT = 12
"""A partition belongs to the shard `partition % SHARD_COUNT`."""
LEASE_DURATION = timedelta(seconds=4)
LEASE_RENEW_INTERVAL = 1.0


class LeaseHolder:
    """The leases of one relay. Running relays share the shards evenly."""

    def __init__(self, pool: Pool) -> None:
        self.shards: list[int] = []
        self._pool, self._owner_id, self._renew_at = pool, uuid4(), float("-inf")

    @property
    def holds_all(self) -> bool:
        """True while no other relay of this service publishes anything."""
        return len(self.shards) == SHARD_COUNT

    async def create_leases(self) -> None:
        """Insert the lease of each shard that the schema does not have yet."""
        await retry_transient(lambda: self._pool.execute(SQL["create_leases"], SHARD_COUNT))

    async def renew_if_due(self) -> None:
        """Renew the leases, take over expired ones and give up surplus ones, once per interval."""
        now = asyncio.get_running_loop().time()
        if now >= self._renew_at:
            rows = await retry_transient(lambda: self._pool.fetch(SQL["renew_leases"], self._owner_id, LEASE_DURATION))
            self.shards, self._renew_at = [row[0] for row in rows], now + LEASE_RENEW_INTERVAL

    async def release(self) -> None:
        """End all leases at once, so that other relays need not wait until they expire."""
        await retry_transient(lambda: self._pool.execute(SQL["release_leases"], self._owner_id))
