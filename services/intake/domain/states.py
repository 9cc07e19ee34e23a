"""Base types of intake's states, and the states without a module of their own. Pure."""

from functools import lru_cache
from uuid import UUID

import msgspec


class KeyedState(msgspec.Struct, frozen=True):
    """A state and its entity key, `organisation/<uuid>`."""

    key: str

    @property
    def id(self) -> UUID:
        return _id(self.key)


@lru_cache(8192)
def _id(key: str) -> UUID:
    return UUID(key.partition("/")[2])


class Absent(KeyedState, frozen=True):
    """The initial state: nothing has been accepted under this key."""


class AcceptedEvent(KeyedState, frozen=True):
    """An accepted event of a partner: the digest of its body and the id of the entity it is about."""

    digest: bytes
    tandem_id: UUID


class Person(KeyedState, frozen=True):
    """The experts that were submitted with one name and address. The key is a keyed hash of both."""

    experts: tuple[UUID, ...]


class OwnedState(KeyedState, frozen=True):
    """An entity. `owner`: the partner that submitted it. `policy_version`: the version in force at its first acceptance (R092)."""

    owner: str
    policy_version: int
