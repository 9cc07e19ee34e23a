"""The topics, as `tandem kafka apply` recorded them."""

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias


class TopicInfo(NamedTuple):
    """A topic of the topology. Offsets are stored by its ids, so that a recreated topic starts at zero."""

    cluster_id: str
    topic_id: str
    partitions: int


Topology: TypeAlias = Mapping[str, TopicInfo]
"""The topics by name."""
