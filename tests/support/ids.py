"""Ids that tests on a shared stack do not share."""

import secrets
from uuid import UUID

from shared.messages.ids import deterministic_uuid

NAMESPACE = UUID(int=5)


def new_id() -> UUID:
    """Return an id that no other test uses."""
    return deterministic_uuid(NAMESPACE, secrets.token_hex(8))
