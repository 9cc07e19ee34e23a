"""The part of its current shortlist that a vacancy keeps: the ids of the candidates, and a digest of their reasons. Pure.

Every reply loads and saves it, only a pick reads it. Twenty full candidates take 17 KB and double the cost of a reply
(docs/performance.md); their reasons can be computed again.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final, Self
from uuid import UUID

import msgspec

from shared.messages.matching import Candidate

OUTDATED: Final = "outdated"
"""In place of a digest: notify has changed its copy of the list since, or showed another one, so the next list is published."""


class CandidateIds(msgspec.Struct, frozen=True):
    """The experts on a shortlist, as one text of ids joined by spaces."""

    text: str = ""

    @classmethod
    def of(cls, candidates: Iterable[Candidate]) -> Self:
        return cls(" ".join(str(candidate.expert) for candidate in candidates))

    def __contains__(self, expert: UUID) -> bool:
        return str(expert) in self.text.split(" ")


def shortlist_digest(candidates: Sequence[Candidate]) -> str:
    """Return a digest that differs if the candidates, their order or their reasons differ; that of no candidates is empty."""
    if not candidates:
        return ""
    return sha256(msgspec.json.encode(candidates), usedforsecurity=False).hexdigest()
