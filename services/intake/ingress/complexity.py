"""Limits on the structure of a record's JSON, checked before it is parsed: the sender must not choose how long that takes."""

import re

MAX_VALUES = 2_000
"""Values of all objects and lists together; the largest event of the contract has a quarter of it."""
MAX_DEPTH = 32
MAX_DIGITS = 100
"""Digits of a number: parsing takes time that grows with their square."""
SMALL_BYTES = 16 << 10
"""A value of this size cannot have enough long numbers to matter."""

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_LONG_NUMBER = re.compile(rb"[0-9]{%d}" % (MAX_DIGITS + 1))
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def complexity_error(value: bytes) -> str | None:
    """Return which limit a JSON text exceeds, or None. What is no JSON may pass or not; the parser decides then."""
    if _is_simple(value):
        return None
    structure = _STRING.sub(b"", value)
    if _count(structure) > MAX_VALUES:
        return f"It has more than {MAX_VALUES} values, those inside objects and lists included."
    if _depth(structure) > MAX_DEPTH:
        return f"It is nested deeper than {MAX_DEPTH} levels."
    return f"A number has more than {MAX_DIGITS} digits." if _has_long_number(structure) else None


def _is_simple(value: bytes) -> bool:
    """Return True if the limits hold even where every character of its strings is taken for structure."""
    openings = value.count(b"[") + value.count(b"{")
    return openings <= MAX_DEPTH and openings + value.count(b",") <= MAX_VALUES and not _has_long_number(value)


def _count(structure: bytes) -> int:
    return structure.count(b",") + structure.count(b"[") + structure.count(b"{")


def _depth(structure: bytes) -> int:
    depth = deepest = 0
    for bracket in structure.translate(None, _NO_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _has_long_number(structure: bytes) -> bool:
    return len(structure) > SMALL_BYTES and _LONG_NUMBER.search(structure) is not None
