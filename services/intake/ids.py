"""Ids and entity keys, derived from the partners' external ids, which never leave intake."""

from functools import lru_cache
from uuid import UUID

from shared.messages.ids import deterministic_uuid, deterministic_uuid_text, entity_key

NAMESPACE = UUID("6a0c2f0e-3c57-5d8e-9b0a-7e1f0d2c4b68")


def tandem_id(partner: str, kind: str, external_id: str) -> UUID:
    """The Tandem id of an entity of `partner`; the same for each submission of it."""
    return deterministic_uuid(NAMESPACE, f"{partner}/{kind}/{external_id}")


@lru_cache(8192)
def external_key(partner: str, kind: str, external_id: str) -> str:
    """The entity key of an entity of `partner`: `organisation/<uuid>`."""
    return entity_key(kind, tandem_id(partner, kind, external_id))


@lru_cache(8192)
def candidate_keys(partner: str, kind: str, reference: str) -> tuple[str, ...]:
    """The entity keys that a reference may mean: as an external id first, then as a Tandem id if it has the form of one."""
    try:
        return external_key(partner, kind, reference), entity_key(kind, UUID(reference))
    except ValueError:
        return (external_key(partner, kind, reference),)


def record_id(topic: str, partition: int, offset: int, timestamp: int) -> UUID:
    """The id of a record; the timestamp distinguishes it from the record at the same offset of a recreated topic."""
    return deterministic_uuid(NAMESPACE, f"record/{topic}/{partition}/{offset}/{timestamp}")


def dedup_key(partner: str, source: str, event_id: str) -> str:
    """The entity key under which the acceptance of a partner's event is stored."""
    id = deterministic_uuid_text(NAMESPACE.bytes, f"submission/{partner}/{source}\n{event_id}")
    return f"accepted-event/{id}"
