"""The calls to a Kafka cluster that its topics need: read, create, grow, set."""

import socket
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError

from deploy.errors import UserError

ADMIN_TIMEOUT_MS = 10_000


class KafkaAdminError(UserError):
    """Kafka does not answer, or refuses; the message says which."""


@dataclass(frozen=True)
class TopicSpec:
    """A topic's shape. `settings` are its own, broker's defaults left out; `id` is Kafka's, empty where it is a wish."""

    partitions: int
    replication: int
    settings: Mapping[str, str]
    id: str = field(default="", compare=False)


class KafkaAdmin:
    """One conversation with a cluster; blocks, so call it from a thread. Raises KafkaAdminError."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap

    def __enter__(self) -> "KafkaAdmin":
        if not any(_answers(address) for address in self._bootstrap.split(",")):
            raise KafkaAdminError(f"Kafka does not answer at {self._bootstrap}: is it running, and reachable from here?")
        self._admin = KafkaAdminClient(bootstrap_servers=self._bootstrap.split(","), bootstrap_timeout_ms=ADMIN_TIMEOUT_MS)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._admin.close()
        if isinstance(error, KafkaError):
            raise KafkaAdminError(f"Kafka at {self._bootstrap} refuses: {error}") from error

    def id(self) -> str:
        """The cluster's own id."""
        return str(self._admin.describe_cluster()["cluster_id"])

    def topics(self) -> dict[str, TopicSpec]:
        """Every topic but Kafka's internal ones."""
        seen = {topic["name"]: topic for topic in self._admin.describe_topics() if not topic["is_internal"]}
        settings = self._settings(list(seen))
        return {name: _topic(topic, settings[name]) for name, topic in seen.items()}

    def create(self, topics: Mapping[str, TopicSpec]) -> None:
        """Makes these topics and waits until each partition has its leader."""
        if topics:
            wanted = {
                name: {"num_partitions": topic.partitions, "replication_factor": topic.replication, "configs": dict(topic.settings)}
                for name, topic in topics.items()
            }
            self._admin.create_topics(wanted, timeout_ms=ADMIN_TIMEOUT_MS)
            self._admin.wait_for_topics(list(topics), timeout_ms=ADMIN_TIMEOUT_MS)

    def grow(self, partitions: Mapping[str, int]) -> None:
        """Gives each of these topics this number of partitions in all."""
        if partitions:
            self._admin.create_partitions(dict(partitions), timeout_ms=ADMIN_TIMEOUT_MS)
            self._until(lambda: all(len(topic["partitions"]) == partitions[topic["name"]] for topic in self._described(partitions)))

    def set(self, name: str, now: Mapping[str, str], then: Mapping[str, str]) -> None:
        """Makes a topic's own settings `then`; one that only stands in `now` goes back to the broker's default."""
        changes: dict[str, Any] = {key: ("DELETE", None) for key in now if key not in then}
        answer = self._admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, {**then, **changes})])
        if (outcome := answer["topic"][name]) != "OK":
            raise KafkaAdminError(f"Kafka refuses the settings of {name}: {outcome}")
        self._until(lambda: self._settings([name])[name] == then)

    def _until(self, seen: Callable[[], bool]) -> None:
        """A broker shows a change a moment after the controller took it."""
        end = time.monotonic() + ADMIN_TIMEOUT_MS / 1000
        while not seen():
            if time.monotonic() > end:
                raise KafkaAdminError("Kafka took a change and does not show it: look with `tandem kafka plan`")
            time.sleep(0.05)

    def _described(self, names: Iterable[str]) -> list[dict[str, Any]]:
        return list(self._admin.describe_topics(list(names)))

    def _settings(self, names: list[str]) -> dict[str, dict[str, str]]:
        if not names:
            return {}
        answer = self._admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
        return {name: {key: entry["value"] for key, entry in entries.items()} for name, entries in answer["topic"].items()}


def _answers(address: str) -> bool:
    """Asked before the client is made: that one tries for long, and leaves its sockets open when it gives up."""
    host, _, port = address.strip().rpartition(":")
    if not port.isdecimal():
        raise KafkaAdminError(f"{address!r} is no address of Kafka: write host:port.")
    try:
        socket.create_connection((host, int(port)), timeout=ADMIN_TIMEOUT_MS / 1000).close()
    except OSError:
        return False
    return True


def _topic(seen: Mapping[str, Any], settings: Mapping[str, str]) -> TopicSpec:
    partitions = seen["partitions"]
    return TopicSpec(len(partitions), len(partitions[0]["replica_nodes"]), settings, seen["topic_id"])
