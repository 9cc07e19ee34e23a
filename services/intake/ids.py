"""Identity: a partner's own ids become Tandem ids here, and never leave intake."""

from functools import lru_cache
from uuid import UUID

from shared.messages.envelope import deterministic_uuid, deterministic_uuid_text, entity_key

NAMESPACE = UUID("6a0c2f0e-3c57-5d8e-9b0a-7e1f0d2c4b68")


def tandem_id(partner: str, kind: str, own: str) -> UUID:
    """`uuid5(partner, kind, their id)`: the same thing submitted again is the same thing."""
    return deterministic_uuid(NAMESPACE, f"{partner}/{kind}/{own}")


@lru_cache(8192)
def own_key(partner: str, kind: str, own: str) -> str:
    """The key of what the partner calls so: `organisation/<uuid>`."""
    return entity_key(kind, tandem_id(partner, kind, own))


@lru_cache(8192)
def candidate_keys(partner: str, kind: str, reference: str) -> tuple[str, ...]:
    """The keys of what a reference may mean: the partner's own id first, then a Tandem id where it can be read as one."""
    try:
        return own_key(partner, kind, reference), entity_key(kind, UUID(reference))
    except ValueError:
        return (own_key(partner, kind, reference),)


def record_id(topic: str, partition: int, offset: int, timestamp: int) -> UUID:
    """Names one record of a partner for ever: the timestamp tells it from its namesake on a topic made anew."""
    return deterministic_uuid(NAMESPACE, f"record/{topic}/{partition}/{offset}/{timestamp}")


def dedup_key(partner: str, source: str, event_id: str) -> str:
    """The key under which it is written down that this event was accepted, named by what its partner calls it."""
    id = deterministic_uuid_text(NAMESPACE.bytes, f"submission/{partner}/{source}\n{event_id}")
    return f"submission/{id}"
