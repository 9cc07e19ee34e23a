"""Effects of matching's decisions: writes besides states and messages. Pure."""

from dataclasses import dataclass
from uuid import UUID

from shared.pipeline.decider import Effect


@dataclass(frozen=True, slots=True)
class RequestShortlist(Effect):
    """Have the shortlist worker rank the pool for this vacancy."""

    vacancy: UUID


@dataclass(frozen=True, slots=True)
class RecordPoolChange(Effect):
    """Have the shortlist worker rank the pool again for every vacancy without a proposal."""
