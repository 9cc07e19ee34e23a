"""The partners' door: a raw record → what intake hears. Every record becomes a message, so that every record gets its receipt."""

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
from shared.programme.policy import PARTNER_ID_PATTERN

TOPIC = re.compile(rf"tandem\.partner\.(?P<partner>{PARTNER_ID_PATTERN})\.submissions$")

Grants = Callable[[str], frozenset[str]]


def decoder(grants: Grants) -> Callable[[KafkaRecord, datetime], Envelope[Input]]:
    """How records are read; `grants` says which kinds a partner may publish. What it gives never raises.

    The envelope's `time` is the door's own stamp (`now`, UTC); the event's `time` is the partner's claim.
    """

    def read(record: KafkaRecord, now: datetime) -> Envelope[Input]:
        partner = _partner(record.topic)
        granted = grants(partner)
        message, trace = try_fast_path(record, partner, granted, now) or validate(record, partner, granted, now)
        id = record_id(record.topic, record.partition, record.offset, record.timestamp)
        return Envelope(id=id, source=source(partner), subject=message.subject, time=now, traceparent=trace, data=message)

    return read


@lru_cache(1024)
def _partner(topic: str) -> str:
    """The partner that owns a topic. Raises `ValueError` for a topic that is no partner's: a wrong subscription, never a record."""
    match = TOPIC.fullmatch(topic)
    if not match:
        raise ValueError("not a topic of submissions")
    return match["partner"]
