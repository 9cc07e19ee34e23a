"""Identity: a partner's own ids become Tandem ids here, and never leave intake."""

from functools import lru_cache
from uuid import UUID

from shared.messages.envelope import derived

NAMESPACE = UUID("6a0c2f0e-3c57-5d8e-9b0a-7e1f0d2c4b68")


@lru_cache(8192)
def tandem_id(partner: str, kind: str, own: str) -> UUID:
    """`uuid5(partner, kind, their id)`: the same thing submitted again is the same thing."""
    return derived(NAMESPACE, f"{partner}/{kind}/{own}")


def candidates(partner: str, kind: str, reference: str) -> tuple[UUID, ...]:
    """What a reference may mean: the partner's own id, then a Tandem id where it can be read as one."""
    own = tandem_id(partner, kind, reference)
    try:
        return own, UUID(reference)
    except ValueError:
        return (own,)


def record_id(topic: str, partition: int, offset: int, timestamp: int) -> UUID:
    """Names one record of a partner for ever: the timestamp tells it from its namesake on a topic made anew."""
    return derived(NAMESPACE, f"record/{topic}/{partition}/{offset}/{timestamp}")


@lru_cache(8192)
def submission_id(partner: str, source: str, event_id: str) -> UUID:
    """Names an event by what its partner calls it, for the ledger of duplicates."""
    return derived(NAMESPACE, f"submission/{partner}/{source}\n{event_id}")
