"""A record of a simulated partner, with the receipt it must get."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from deploy.partner_client.record import EventRecord

Outcome = Literal["accepted", "duplicate", "conflict", "rejected"]


@dataclass(frozen=True, slots=True)
class SimulatedEvent(EventRecord):
    """`name` is the kind, or the fault; `expected` the receipt's outcome, None if unpredictable; `body` the valid event."""

    expected: Outcome | None = None
    body: Mapping[str, Any] = field(default_factory=dict)
