"""Strict JSON: UTF-8 without duplicate names, lone surrogates, NaN or infinite numbers. Errors have a JSON pointer (RFC 6901)."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from math import isinf
from typing import Any, NoReturn, TypeAlias

import msgspec

from services.intake.ingress.complexity import complexity_error
from services.intake.problems import problem
from shared.messages.intake import FieldError, Problem

Path: TypeAlias = "tuple[Path, str | int] | tuple[()]"  # the parent's path and the last step; a pointer is built for an error only
MAX_ERRORS = 50  # errors, or unknown names, that a receipt lists


class RejectRecord(Exception):
    """A record cannot be decoded at all. Carries the problem for its receipt."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.type)
        self.problem = problem


def pointer(*parts: str | int) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def loads(value: bytes, root: str = "") -> tuple[Any, list[FieldError]]:
    """Parse JSON. Returns the value and its errors, with pointers below `root`.

    Raises `RejectRecord` for no UTF-8, for no JSON, and for what exceeds the limits of `complexity`.
    """
    if error := complexity_error(value):
        raise RejectRecord(problem("too-complex", error))
    parsed = parse_if_clean(value)
    return (parsed, []) if parsed is not msgspec.UNSET else parse_with_errors(value, root)


def parse_if_clean(value: bytes) -> Any:
    """Parse JSON that certainly has no error, at a tenth of the cost; otherwise return UNSET, and `parse_with_errors` decides."""
    if b"\\" in value:
        return msgspec.UNSET
    try:
        parsed = msgspec.json.decode(value)
        reencoded = msgspec.json.encode(parsed)
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
        return msgspec.UNSET
    return parsed if has_no_duplicate_names(value, reencoded) else msgspec.UNSET


def has_no_duplicate_names(raw: bytes, reencoded: bytes) -> bool:
    """Return True if no object in `raw` repeats a name.

    Preconditions: `raw` is valid JSON without a backslash, and `reencoded` is the encoding of the value parsed from it. Without
    escapes, every quotation mark opens or closes a string, and re-encoding writes each parsed string with two of them. A parsed
    object keeps one member of each name, so a repeated name loses at least its own two.
    """
    return raw.count(b'"') == reencoded.count(b'"')


def parse_with_errors(value: bytes, root: str) -> tuple[Any, list[FieldError]]:
    """Parse JSON and check every name and string (see `loads`)."""
    try:
        text = value.decode()
    except UnicodeDecodeError as error:
        raise RejectRecord(problem("not-utf8", f"The byte at offset {error.start} of the value is not valid UTF-8.")) from None
    duplicates: dict[int, tuple[str, ...]] = {}
    kept: list[dict[str, Any]] = []
    infinite = False

    def to_float(digits: str) -> float:
        nonlocal infinite
        number = float(digits)
        infinite = infinite or isinf(number)
        return number

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built = dict(pairs)
        if len(built) != len(pairs):
            counts = Counter(name for name, _ in pairs)
            duplicates[id(built)] = tuple(name for name in built if counts[name] > 1)
            kept.append(built)  # so that no later object reuses its id
        return built

    parsed = _parse(text, build, to_float)
    suspect = duplicates or infinite or "\\ud" in text.lower()
    return parsed, list(islice(_errors(parsed, root, duplicates), MAX_ERRORS + 1)) if suspect else []


def _parse(text: str, build: Any, to_float: Any) -> Any:
    try:
        return json.loads(text, object_pairs_hook=build, parse_float=to_float, parse_constant=_reject_constant)
    except json.JSONDecodeError as error:
        position = f"line {error.lineno}, column {error.colno}"
        raise RejectRecord(problem("not-json", f"{error.msg} ({position}).")) from None
    except (ValueError, RecursionError):
        raise RejectRecord(problem("not-json", "The JSON is nested too deeply, or contains an invalid number.")) from None


def _reject_constant(_: str) -> NoReturn:
    raise ValueError


def _errors(value: Any, root: str, duplicates: dict[int, tuple[str, ...]]) -> Iterator[FieldError]:
    """Duplicate names, lone surrogates and numbers out of range at any depth. Not recursive, because partners choose the depth."""
    stack: list[tuple[Path, Any]] = [((), value)]
    while stack:
        path, part = stack.pop()
        if isinstance(part, dict):
            for name in duplicates.get(id(part), ()):
                yield FieldError(_pointer_to(root, (path, name)), "appears more than once")
            if any(_has_lone_surrogate(name) for name in part):
                yield FieldError(_pointer_to(root, path), "has a name with a lone surrogate")
            stack.extend(((path, name), inner) for name, inner in part.items())
        elif isinstance(part, list):
            stack.extend(((path, index), inner) for index, inner in enumerate(part))
        elif isinstance(part, str) and _has_lone_surrogate(part):
            yield FieldError(_pointer_to(root, path), "contains a lone surrogate")
        elif isinstance(part, float) and isinf(part):
            yield FieldError(_pointer_to(root, path), "is a number beyond the range of a double")


def _pointer_to(root: str, path: Path) -> str:
    parts: list[str | int] = []
    while path:
        path, part = path
        parts.append(part)
    return for_receipt(root + pointer(*reversed(parts)))


def _has_lone_surrogate(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)


def for_receipt(text: str) -> str:
    """Cut a partner's name or pointer to 200 characters, and replace what UTF-8 cannot encode."""
    return text[:200].encode(errors="replace").decode()
