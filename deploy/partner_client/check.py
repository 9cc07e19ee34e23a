"""Checks events as intake would, without publishing them."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from msgspec import json

from deploy.partner_client.record import EventRecord, ReceiptData, submissions_topic
from services.intake.contract import KINDS
from services.intake.domain.submission import RecordRejected
from services.intake.ingress import decoder
from shared.kafka.record import StoredRecord


def check(partner: str, records: Iterable[EventRecord], now: datetime) -> Iterator[tuple[EventRecord, ReceiptData]]:
    """Validate records as intake would at `now`, without publishing; yields receipt data.

    Rules that need intake's state are not checked.
    """
    decode = decoder(lambda _: frozenset(KINDS))
    for record in records:
        stored = StoredRecord(submissions_topic(partner), 0, 0, 0, record.key, record.value, record.headers)
        message = decode(stored, now).data
        outcome: dict[str, Any] = {"outcome": "accepted", **message.record._asdict()}
        if isinstance(message, RecordRejected):
            outcome |= {"outcome": "rejected", "problem": json.decode(json.encode(message.problem))}
        yield record, outcome
