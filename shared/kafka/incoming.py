"""The inputs of a service: records in the form that decoding gave them, and local inputs."""

from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from shared.kafka.record import KafkaRecord
from shared.messages.envelope import Envelope


class Received(NamedTuple):
    """A decoded message. It has no record if it is a local input: a due timer, an answer on a page, a finished computation."""

    received_at: datetime
    envelope: Envelope[Any]
    record: KafkaRecord | None = None


class Undecodable(NamedTuple):
    """A record that could not be decoded because of `error`."""

    received_at: datetime
    record: KafkaRecord
    error: Exception


class Failed(NamedTuple):
    """A received message that could not be processed because of `error`: a poison message."""

    received_at: datetime
    envelope: Envelope[Any]
    record: KafkaRecord | None
    error: Exception


class Ignored(NamedTuple):
    """A record that the service does not consume; only its offset counts."""

    record: KafkaRecord


Incoming: TypeAlias = Received | Undecodable | Failed | Ignored
