"""The topics that `tandem kafka apply` recorded in PostgreSQL, kept in memory."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from shared.error_text import safe_error_text
from shared.errors import MissingTopic, NotProvisioned, TopicNotDeclared, TopicRecreated
from shared.kafka.topology import TopicInfo, Topology
from shared.log import log
from shared.postgres.named_queries import load_queries
from shared.postgres.pool import Pool
from shared.postgres.retry import retry_limit, retry_transient

T = TypeVar("T")
SQL = load_queries(__file__)
RECHECK_INTERVAL = 1.0
"""Seconds between two checks for a topic that a batch in flight waits for."""


class TopologyCache:
    """The topology as last read; `topics` is replaced as a whole, so that a batch works on one version."""

    topics: Topology

    def __init__(self, pool: Pool) -> None:
        self._pool, self.topics = pool, {}

    async def load(self) -> None:
        """Read the topology for the first time. Raises `NotProvisioned` if there is none."""
        try:
            await self.refresh()
        except asyncpg.UndefinedTableError:
            raise NotProvisioned("the database has no tables for this service: run `tandem db migrate`") from None
        if not self.topics:
            raise NotProvisioned("the topology is empty: run `tandem kafka apply`")

    async def refresh(self) -> bool:
        """Read the topology again. Returns True if it has new topics. Raises `TopicRecreated`."""
        rows = await retry_transient(lambda: self._pool.fetch(SQL["load_topology"]))
        topics = {row["topic"]: TopicInfo(row["cluster_id"], row["topic_id"], row["partitions"]) for row in rows}
        for name, topic in self.topics.items():
            if name in topics and topics[name].topic_id != topic.topic_id:
                raise TopicRecreated(f"topic {name} was recreated: restart this service")
        has_new = bool(topics.keys() - self.topics.keys())
        self.topics = topics
        return has_new

    async def retry_unknown_topic(self, work: Callable[[], Awaitable[T]]) -> T:
        """Return the result of `work`, run again with a newer topology if it raises `MissingTopic`.

        Waits for an incoming topic until it is declared; raises for an output topic that is not.
        """
        while True:
            try:
                return await work()
            except MissingTopic as error:
                if await self.refresh():
                    continue
                if not isinstance(error, TopicNotDeclared):
                    raise
                log.warning("topic_unknown", error=type(error).__name__, detail=safe_error_text(error))
            await retry_limit.get().wait(RECHECK_INTERVAL)
