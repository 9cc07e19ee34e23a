"""The topics that a service consumes."""

import re
from dataclasses import dataclass

from shared.kafka.decoding import Decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One topic, or all topics whose whole name matches a pattern.

    `concurrency` consumers each process one batch of at most `max_records` at a time.
    """

    topic: str | None = None
    pattern: str | None = None
    decode: Decode
    max_records: int = 1000
    concurrency: int = 2

    def __post_init__(self) -> None:
        if (self.topic is None) == (self.pattern is None):
            raise ValueError("a route has either a topic or a pattern")

    def matches(self, topic: str) -> bool:
        return re.fullmatch(self.pattern, topic) is not None if self.pattern is not None else topic == self.topic
