"""Changes to the structure of a JSON or TOML document: values replaced, removed, repeated, moved, nested. Pure."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from tests.fuzz.odd_values import ODD_ADDRESSES, odd_text, odd_value

Place = tuple[Any, Any]
"""A container and the key or index of one of its values."""


def places(document: Any) -> Iterator[Place]:
    """Yield every place in a document."""
    for key in list(document) if isinstance(document, dict) else range(len(document)) if isinstance(document, list) else ():
        yield document, key
        yield from places(document[key])


def mutate(random: Random, document: dict[str, Any]) -> None:
    """Change one to four places of the document."""
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        if found := list(places(document)):
            random.choice(_CHANGES)(random, *random.choice(found))


def set_addresses(random: Random, document: dict[str, Any]) -> None:
    """Replace some email addresses by odd ones."""
    for container, key in list(places(document)):
        if key == "email" and random.random() < 0.7:
            container[key] = random.choice(ODD_ADDRESSES)


def _replace(random: Random, container: Any, key: Any) -> None:
    container[key] = odd_value(random)


def _replace_text(random: Random, container: Any, key: Any) -> None:
    if isinstance(container[key], str):
        container[key] = odd_text(random)


def _extend_text(random: Random, container: Any, key: Any) -> None:
    if isinstance(text := container[key], str):
        at = random.randrange(len(text) + 1)
        container[key] = text[:at] + odd_text(random) + text[at:]


def _remove(random: Random, container: Any, key: Any) -> None:
    container.pop(key)


def _double(random: Random, container: Any, key: Any) -> None:
    if isinstance(container, list):
        container += [container[key]] * random.choice((1, 3, 300))


def _wrap(random: Random, container: Any, key: Any) -> None:
    for _ in range(random.choice((1, 2, 60))):
        container[key] = [container[key]]


def _unwrap(random: Random, container: Any, key: Any) -> None:
    value = container[key]
    if isinstance(value, list) and value:
        container[key] = value[0]


def _add(random: Random, container: Any, key: Any) -> None:
    if isinstance(container, dict):
        container[random.choice((odd_text(random), f"extra_{random.randrange(99)}", f"{key}2"))] = odd_value(random)


def _rename(random: Random, container: Any, key: Any) -> None:
    if isinstance(container, dict):
        container[random.choice((str(key).upper(), f"{key} ", odd_text(random)))] = container.pop(key)


def _change_type(random: Random, container: Any, key: Any) -> None:
    container[key] = random.choice((str, bool, repr))(container[key])


_CHANGES: tuple[Callable[[Random, Any, Any], None], ...] = (
    _replace, _replace_text, _replace_text, _extend_text, _remove, _double, _wrap, _unwrap, _add, _rename, _change_type,
)  # fmt: skip
