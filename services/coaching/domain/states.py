"""What coaching remembers: of each tandem, and of what an organisation and a vacancy still miss before the first day. Pure."""

from datetime import date, time
from uuid import UUID

import msgspec

from shared.messages.matching import TandemFormed


class Evaluation(msgspec.Struct, frozen=True):
    """The fixed talk: a local date, an hour or none, a zone; `sequence` counts its moves; the local date on which it was held."""

    on: date
    at: time | None
    zone: str
    sequence: int
    held_on: date | None = None


class Tandem(msgspec.Struct, frozen=True):
    """A pair, with its evaluation from the moment it is formed.

    `waits`: its coordinator heard what holds the start up. `invited`: everybody was invited to the talk.
    """

    tandem: UUID
    policy: int = 0
    formed: TandemFormed | None = None
    evaluation: Evaluation | None = None
    waits: bool = False
    exploring_since: date | None = None
    invited: bool = False


class Readiness(msgspec.Struct, frozen=True):
    """The items of gates B and S that an organisation or a vacancy (`about`) still misses; None: not heard of yet."""

    about: str
    missing_b: tuple[str, ...] = ()
    missing_s: tuple[str, ...] | None = None

    @property
    def open(self) -> tuple[str, ...] | None:
        """All that stands before the first working day: an item of B can open again after the vacancy did."""
        return None if self.missing_s is None else self.missing_b + self.missing_s


State = Tandem | Readiness
