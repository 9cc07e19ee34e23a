"""Kafka records, as far as our code depends on them."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class KafkaRecord(Protocol):
    """A record as aiokafka returns it, or as a dead letter stores it."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]: ...


class StoredRecord(NamedTuple):
    """A record outside the Kafka client: of a dead letter, or made to check or test something."""

    topic: str
    partition: int = 0
    offset: int = 0
    timestamp: int = 0
    key: bytes | None = None
    value: bytes | None = None
    headers: Sequence[tuple[str, bytes | None]] = ()


class UnreadableRecord(NamedTuple):
    """A place in a partition whose record cannot be read; `reason` states why, without content.

    `value` holds the bytes that could not be read; of a damaged batch they are with
    the first of its records, and the others have none.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int
    value: bytes
    reason: str

    @property
    def key(self) -> None:
        return None

    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]:
        return ()

    @property
    def serialized_value_size(self) -> int:
        """The size, by the name that aiokafka's records give it."""
        return len(self.value)
