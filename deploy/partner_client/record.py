"""A partner's records and topics. Imports no Kafka client, so that commands that need none start fast."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from services.intake.contract import STRUCTURED

ReceiptData = Mapping[str, Any]


def submissions_topic(partner: str) -> str:
    return f"tandem.partner.{partner}.submissions"


def receipts_topic(partner: str) -> str:
    return f"tandem.partner.{partner}.receipts"


@dataclass(frozen=True, slots=True)
class EventRecord:
    """A record to publish; `name` is what reports call it."""

    name: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = STRUCTURED


class RecordPosition(NamedTuple):
    """Position of a record in Kafka, as receipts name it."""

    topic: str
    partition: int
    offset: int
