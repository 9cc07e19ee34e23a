"""Events of a partner: organisations that become ready step by step, and experts."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from deploy.partner_client.event_builder import build_event, encode_event, yes_to
from deploy.partner_client.record import receipts_topic, submissions_topic
from services.intake.contract import record_key
from shared.messages.serialization import OutboundRecord
from shared.programme.readiness_catalogue import readiness_items
from tests.benchmarks.load.publishing import Load

PARTNER = "demo"
SUBMISSIONS, RECEIPTS = submissions_topic(PARTNER), receipts_topic(PARTNER)
PUBLISHED_AT = datetime(2026, 6, 1, 9, tzinfo=UTC)
REPORTS = 8


def partner_load(count: int) -> Load:
    """Return about `count` records of concurrent organisations: each registers with an expert, and reports in eight parts."""
    organisations = max(1, count // (REPORTS + 2))
    steps = zip(*(list(_events(number)) for number in range(organisations)), strict=True)
    records = [to_record(event) for step in steps for event in step]
    return Load(records, RECEIPTS, len(records))


def _events(number: int) -> Iterator[dict[str, Any]]:
    organisation, items = f"org-{number}", [item.code for item in readiness_items().values() if item.scope == "organisation"]
    yield partner_event("organisation-submitted", number, organisation=organisation)
    yield partner_event("expert-submitted", number, expert=f"expert-{number}", email=f"expert-{number}@mensen.example")
    for part in range(REPORTS):
        answers = yes_to(items[part::REPORTS])
        yield partner_event("readiness-reported", number, part, organisation=organisation, answers=answers)


def partner_event(kind: str, number: int, part: int = 0, **data: Any) -> dict[str, Any]:
    """Return the contract's example of a kind with an id of its own and these data."""
    return build_event(kind, PARTNER, f"{kind}-{number}-{part}", PUBLISHED_AT, **data)


def to_record(event: dict[str, Any]) -> OutboundRecord:
    """Return the record of an event, as the partner publishes it."""
    key = record_key(event)
    assert key
    return OutboundRecord(SUBMISSIONS, key, key, encode_event(event))
