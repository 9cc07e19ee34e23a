"""Ingress of the partners' records: decodes each into an input of intake, so that every record gets a receipt."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from services.intake.contract import source
from services.intake.domain.inputs import Input
from services.intake.ids import record_id
from services.intake.ingress.fast_path import try_fast_path
from services.intake.ingress.full_path import validate
from shared.kafka.record import KafkaRecord
from shared.messages.envelope import Envelope
from shared.programme.partner_id import PARTNER_ID_PATTERN

TOPIC = re.compile(rf"tandem\.partner\.(?P<partner>{PARTNER_ID_PATTERN})\.submissions$")

Grants = Callable[[str], frozenset[str]]


def decoder(grants: Grants) -> Callable[[KafkaRecord, datetime], Envelope[Input]]:
    """Return the function that decodes records; `grants` returns the kinds that a partner may publish.

    That function raises nothing for any record of a topic that matches `TOPIC`. The envelope's `time` is the time of receipt
    (`now`, UTC), never the partner's claim in the event.
    """

    def decode(record: KafkaRecord, now: datetime) -> Envelope[Input]:
        partner = _partner(record.topic)
        granted = grants(partner)
        message, traceparent = try_fast_path(record, partner, granted, now) or validate(record, partner, granted, now)
        id = record_id(record.topic, record.partition, record.offset, record.timestamp)
        return Envelope(id=id, source=source(partner), subject=message.subject, time=now, traceparent=traceparent, data=message)

    return decode


@lru_cache(1024)
def _partner(topic: str) -> str:
    """The partner that owns a topic. Raises `ValueError` for any other topic, which only a wrong subscription delivers."""
    match = TOPIC.fullmatch(topic)
    if not match:
        raise ValueError("not a topic of submissions")
    return match["partner"]
