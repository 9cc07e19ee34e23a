"""The readiness items that an organisation or a vacancy still lacks before the first working day. Pure."""

import msgspec
from msgspec.structs import replace

from shared.messages.envelope import Message
from shared.messages.intake import OrganisationRegistered, ReadinessCompleted, ReadinessProgressed, VacancyOpened


class Readiness(msgspec.Struct, frozen=True):
    """The missing items of gates B and S of one entity. `missing_s` is None until intake has reported on it."""

    key: str
    missing_b: tuple[str, ...] = ()
    missing_s: tuple[str, ...] | None = None

    @property
    def missing(self) -> tuple[str, ...] | None:
        """Items required before the first working day, or None if unknown. Items of gate B can reopen after the vacancy opened."""
        return None if self.missing_s is None else self.missing_b + self.missing_s


def evolve(readiness: Readiness, event: Message) -> Readiness:
    """Return the readiness after an event; events about other entities leave it unchanged."""
    if event.subject != readiness.key:
        return readiness
    match event:
        case OrganisationRegistered() | ReadinessProgressed():
            return replace(readiness, missing_b=event.missing_b, missing_s=event.missing_s)
        case VacancyOpened():
            return replace(readiness, missing_s=event.missing_s)  # its missing items of gate B follow in ReadinessProgressed
        case ReadinessCompleted(gate="S"):
            return replace(readiness, missing_b=(), missing_s=())  # gate S includes all items of gate B
        case _:
            return readiness
