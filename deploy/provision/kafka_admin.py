"""Kafka admin client for topics: describe, create, add partitions, alter settings."""

import socket
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError

from deploy.errors import UserError

REQUEST_TIMEOUT_MS = 10_000
POLL_INTERVAL = 0.05


class KafkaAdminError(UserError):
    """Kafka does not answer or refuses a request; the message names the case."""


@dataclass(frozen=True)
class TopicSpec:
    """A topic, declared or existing. `settings` excludes the broker's defaults; `id` is Kafka's, empty for a declared topic."""

    partitions: int
    replication: int
    settings: Mapping[str, str]
    id: str = field(default="", compare=False)


class KafkaAdmin:
    """A connection to a cluster, as a context manager. Blocking: call it from a thread. Raises KafkaAdminError."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap

    def __enter__(self) -> "KafkaAdmin":
        if not any(_accepts_connections(address) for address in self._bootstrap.split(",")):
            raise KafkaAdminError(f"Kafka does not answer at {self._bootstrap}: is it running, and reachable from here?")
        self._admin = KafkaAdminClient(bootstrap_servers=self._bootstrap.split(","), bootstrap_timeout_ms=REQUEST_TIMEOUT_MS)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._admin.close()
        if isinstance(error, KafkaError):
            raise KafkaAdminError(f"Kafka at {self._bootstrap} refuses: {error}") from error

    def cluster_id(self) -> str:
        return str(self._admin.describe_cluster()["cluster_id"])

    def topics(self) -> dict[str, TopicSpec]:
        """All topics by name, except Kafka's internal ones."""
        topics = {topic["name"]: topic for topic in self._admin.describe_topics() if not topic["is_internal"]}
        settings = self._settings(list(topics))
        return {name: _to_spec(topic, settings[name]) for name, topic in topics.items()}

    def create(self, topics: Mapping[str, TopicSpec]) -> None:
        """Create these topics and wait until each partition has a leader."""
        if topics:
            requests = {
                name: {"num_partitions": topic.partitions, "replication_factor": topic.replication, "configs": dict(topic.settings)}
                for name, topic in topics.items()
            }
            self._admin.create_topics(requests, timeout_ms=REQUEST_TIMEOUT_MS)
            self._admin.wait_for_topics(list(topics), timeout_ms=REQUEST_TIMEOUT_MS)

    def grow(self, partitions: Mapping[str, int]) -> None:
        """Increase the partitions of topics to these totals."""
        if partitions:
            self._admin.create_partitions(dict(partitions), timeout_ms=REQUEST_TIMEOUT_MS)
            self._wait_until(lambda: self._partition_counts(partitions) == dict(partitions))

    def delete(self, names: Collection[str]) -> None:
        """Delete these topics with their records and wait until they are gone."""
        if names:
            self._admin.delete_topics(list(names), timeout_ms=REQUEST_TIMEOUT_MS)
            self._wait_until(lambda: not set(names) & set(self.topics()))

    def alter_settings(self, name: str, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        """Replace a topic's settings `before` by `after`; those that are only in `before` return to the broker's default."""
        changes: dict[str, Any] = {key: ("DELETE", None) for key in before if key not in after}
        answer = self._admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, {**after, **changes})])
        if (outcome := answer["topic"][name]) != "OK":
            raise KafkaAdminError(f"Kafka refuses the settings of {name}: {outcome}")
        self._wait_until(lambda: self._settings([name])[name] == after)

    def _wait_until(self, is_visible: Callable[[], bool]) -> None:
        """Wait until a change is visible: brokers show it a moment after the controller accepted it."""
        deadline = time.monotonic() + REQUEST_TIMEOUT_MS / 1000
        while not is_visible():
            if time.monotonic() > deadline:
                raise KafkaAdminError("Kafka accepted a change but does not show it: check with `tandem kafka plan`")
            time.sleep(POLL_INTERVAL)

    def _partition_counts(self, names: Iterable[str]) -> dict[str, int]:
        return {topic["name"]: len(topic["partitions"]) for topic in self._admin.describe_topics(list(names))}

    def _settings(self, names: list[str]) -> dict[str, dict[str, str]]:
        if not names:
            return {}
        answer = self._admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
        return {name: {key: entry["value"] for key, entry in entries.items()} for name, entries in answer["topic"].items()}


def _accepts_connections(address: str) -> bool:
    """Check an address before the client is created, which would retry for long and leave sockets open when it gives up."""
    host, _, port = address.strip().rpartition(":")
    if not port.isdecimal():
        raise KafkaAdminError(f"{address!r} is not a Kafka address: write host:port.")
    try:
        socket.create_connection((host, int(port)), timeout=REQUEST_TIMEOUT_MS / 1000).close()
    except OSError:
        return False
    return True


def _to_spec(topic: Mapping[str, Any], settings: Mapping[str, str]) -> TopicSpec:
    partitions = topic["partitions"]
    return TopicSpec(len(partitions), len(partitions[0]["replica_nodes"]), settings, topic["topic_id"])
