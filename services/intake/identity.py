"""Recognition of one person under two ids, by a keyed hash of name and address, which never leaves intake. Pure.

Without the deployment's secret, a hash or the whole database does not show whether a given person is registered.
"""

import hmac
from collections.abc import Callable
from functools import lru_cache, partial
from typing import TypeAlias
from unicodedata import category, normalize
from uuid import UUID

from shared.messages.ids import entity_key

CACHE_SIZE = 2048  # the runner asks four times for each message of a batch
Identify: TypeAlias = Callable[[str, str], str]
"""Function from a name and an address to the entity key of the person."""


def identify_with(secret: str) -> Identify:
    """Return the function that identifies people under this secret."""
    return lru_cache(CACHE_SIZE)(partial(person_key, secret.encode()))


def person_key(secret: bytes, name: str, email: str) -> str:
    """Return `person/<uuid>`: the same for spellings that differ in case, accents, spaces and punctuation of the name only."""
    digest = hmac.digest(secret, f"{_significant(name)}\n{email.casefold()}".encode(), "sha256")
    return entity_key("person", UUID(bytes=digest[:16]))


def _significant(name: str) -> str:
    """The alphanumeric characters of a name, without accents and case."""
    if name.isascii():
        return "".join(character for character in name.casefold() if character.isalnum())
    return "".join(character for character in normalize("NFKD", name).casefold() if category(character)[0] in "LN")
