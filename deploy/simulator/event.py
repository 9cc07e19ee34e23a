"""One record of a simulated partner, and what its receipt must say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from services.intake.contract import STRUCTURED

Outcome = Literal["accepted", "duplicate", "conflict", "rejected"]


@dataclass(frozen=True, slots=True)
class Event:
    """A record for a partner's topic. `expected`: its receipt's outcome, where that can be foretold. `body`: the event it holds."""

    key: str | None
    value: bytes | None
    expected: Outcome | None
    kind: str
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Sequence[tuple[str, bytes]] = STRUCTURED
