"""JSON as strictly as a door needs it: UTF-8, no doubled names, no lone surrogates, no NaN, each flaw with its JSON pointer."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any, NoReturn, TypeAlias

import msgspec

from services.intake.problems import problem
from shared.messages.intake import FieldError, Problem

Path: TypeAlias = "tuple[Path, str | int] | tuple[()]"  # the parent's way with the last step: spelled out for a flaw alone
MAX_ERRORS = 50  # flaws, errors or unknown names that a receipt lists


class RejectRecord(Exception):
    """Nothing can be made of a record; carries the problem for its receipt."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.type)
        self.problem = problem


def pointer(*parts: str | int) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def loads(value: bytes, root: str = "") -> tuple[Any, list[FieldError]]:
    """The JSON value in these bytes, and the flaws in it, as seen from `root`. Raises `Refused` where there is none."""
    parsed = parse_if_clean(value)
    return (parsed, []) if parsed is not msgspec.UNSET else _searched(value, root)


def parse_if_clean(value: bytes) -> Any:
    """The JSON value at a tenth of the price, if it can have no flaw; UNSET says: look closer.

    Without a backslash each quote begins or ends a string, and no half character can stand there. So a value in which a name is
    doubled loses quotes when it is written anew.
    """
    if b"\\" in value:
        return msgspec.UNSET
    try:
        parsed = msgspec.json.decode(value)
        anew = msgspec.json.encode(parsed)
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
        return msgspec.UNSET
    return parsed if value.count(b'"') == anew.count(b'"') else msgspec.UNSET


def _searched(value: bytes, root: str) -> tuple[Any, list[FieldError]]:
    """The same with a look at every name and string. Raises `Refused`."""
    try:
        text = value.decode()
    except UnicodeDecodeError as error:
        raise RejectRecord(problem("not-utf8", f"Byte {error.start} of the value begins no UTF-8 character.")) from None
    doubled: dict[int, tuple[str, ...]] = {}
    kept: list[dict[str, Any]] = []

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built = dict(pairs)
        if len(built) != len(pairs):
            counted = Counter(name for name, _ in pairs)
            doubled[id(built)] = tuple(name for name in built if counted[name] > 1)
            kept.append(built)  # so that no other object takes over its id
        return built

    parsed = _parse(text, build)
    suspect = doubled or "\\ud" in text.lower()
    return parsed, list(islice(_errors(parsed, root, doubled), MAX_ERRORS + 1)) if suspect else []


def _parse(text: str, build: Any) -> Any:
    try:
        return json.loads(text, object_pairs_hook=build, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise RejectRecord(problem("not-json", f"{error.msg} ({where}).")) from None
    except (ValueError, RecursionError):
        raise RejectRecord(problem("not-json", "It is nested too deeply, or holds a number that is none.")) from None


def _no_number(_: str) -> NoReturn:
    raise ValueError


def _errors(value: Any, root: str, doubled: dict[int, tuple[str, ...]]) -> Iterator[FieldError]:
    """Doubled names and lone surrogates, wherever they stand; without recursion, as partners choose the depth."""
    heap: list[tuple[Path, Any]] = [((), value)]
    while heap:
        way, part = heap.pop()
        if isinstance(part, dict):
            for name in doubled.get(id(part), ()):
                yield FieldError(_told(root, (way, name)), "stands more than once")
            if not all(_whole(name) for name in part):
                yield FieldError(_told(root, way), "holds a name with half a character (a lone surrogate)")
            heap.extend(((way, name), inner) for name, inner in part.items())
        elif isinstance(part, list):
            heap.extend(((way, nth), inner) for nth, inner in enumerate(part))
        elif isinstance(part, str) and not _whole(part):
            yield FieldError(_told(root, way), "holds half a character (a lone surrogate)")


def _told(root: str, way: Path) -> str:
    parts: list[str | int] = []
    while way:
        way, part = way
        parts.append(part)
    return clean(root + pointer(*reversed(parts)))


def _whole(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def clean(text: str) -> str:
    """A name from outside, as far as a receipt may carry it."""
    return text[:200].encode(errors="replace").decode()
