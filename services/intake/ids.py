"""Identity: a partner's own ids become Tandem ids here, and never leave intake."""

from functools import lru_cache
from uuid import UUID

from shared.messages.envelope import derived, derived_text, key

NAMESPACE = UUID("6a0c2f0e-3c57-5d8e-9b0a-7e1f0d2c4b68")


def tandem_id(partner: str, kind: str, own: str) -> UUID:
    """`uuid5(partner, kind, their id)`: the same thing submitted again is the same thing."""
    return derived(NAMESPACE, f"{partner}/{kind}/{own}")


@lru_cache(8192)
def named(partner: str, kind: str, own: str) -> str:
    """The key of what the partner calls so: `organisation/<uuid>`."""
    return key(kind, tandem_id(partner, kind, own))


@lru_cache(8192)
def meant(partner: str, kind: str, reference: str) -> tuple[str, ...]:
    """The keys of what a reference may mean: the partner's own id first, then a Tandem id where it can be read as one."""
    try:
        return named(partner, kind, reference), key(kind, UUID(reference))
    except ValueError:
        return (named(partner, kind, reference),)


def record_id(topic: str, partition: int, offset: int, timestamp: int) -> UUID:
    """Names one record of a partner for ever: the timestamp tells it from its namesake on a topic made anew."""
    return derived(NAMESPACE, f"record/{topic}/{partition}/{offset}/{timestamp}")


def ledger(partner: str, source: str, event_id: str) -> str:
    """The key under which it is written down that this event was accepted, named by what its partner calls it."""
    id = derived_text(NAMESPACE.bytes, f"submission/{partner}/{source}\n{event_id}")
    return f"submission/{id}"
