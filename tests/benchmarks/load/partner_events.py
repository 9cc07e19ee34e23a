"""What a partner publishes in a bench: organisations that become ready step by step, and experts."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from services.intake.contract import example, record_key
from shared.programme.readiness_catalogue import readiness_items
from tests.benchmarks.load.publishing import Load, Ready

PARTNER = "demo"
SUBMISSIONS = f"tandem.partner.{PARTNER}.submissions"
RECEIPTS = f"tandem.partner.{PARTNER}.receipts"
MOMENT = datetime(2026, 6, 1, 9, tzinfo=UTC)
REPORTS = 8


def load(count: int) -> Load:
    """So many records, of organisations side by side: each submits itself, reports in eight parts; and an expert."""
    groups = max(1, count // (REPORTS + 2))
    steps = [list(_story(nth)) for nth in range(groups)]
    records = [_ready(one) for step in zip(*steps, strict=True) for one in step]
    return Load(records, RECEIPTS, len(records))


def _story(nth: int) -> Iterator[dict[str, Any]]:
    organisation, asked = f"org-{nth}", [item.code for item in readiness_items().values() if item.scope == "organisation"]
    yield event("organisation-submitted", nth, organisation=organisation)
    yield event("expert-submitted", nth, expert=f"expert-{nth}")
    for part in range(REPORTS):
        answers = [{"item": code, "answer": "yes"} for code in asked[part::REPORTS]]
        yield event("readiness-reported", nth, part, organisation=organisation, answers=answers)


def event(kind: str, nth: int, part: int = 0, **data: Any) -> dict[str, Any]:
    """The contract's own example of a kind, with an id of its own and some data changed."""
    made = example(kind, PARTNER, f"{kind}-{nth}-{part}", MOMENT)
    return {**made, "data": {**made["data"], **data}}


def _ready(submitted: dict[str, Any]) -> Ready:
    key = record_key(submitted)
    assert key
    return Ready(SUBMISSIONS, key, key, json.dumps(submitted, ensure_ascii=False).encode())
