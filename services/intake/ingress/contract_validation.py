"""An event's data against the contract: every error with its JSON pointer, and the fields that the contract does not know."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple, get_args

import msgspec
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from services.intake.contract.fields import PATTERN_HINTS, ContractModel
from services.intake.ingress.strict_json import clean, pointer
from shared.messages.intake import FieldError

LONGEST = 100  # more parts than any list of the contract may hold: no more of a list is looked at
DEEPEST = 8  # levels, more than the contract has
SMALL = 16 << 10  # bytes; what is larger is cut before it is looked at

canonical = msgspec.json.Encoder(order="sorted").encode
_PLAIN = {
    "missing": "is missing",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "model_type": "must be an object",
    "date_type": "must be a date, as 2027-01-31",
    "date_parsing": "must be a date that exists, as 2027-01-31",
    "string_too_short": "is empty",
}
_WITH = {
    "string_too_long": "is too long: at most {max_length} characters",
    "too_short": "holds too few: at least {min_length}",
    "too_long": "holds too many: at most {max_length}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
}


def digest_of(type_name: str, body: bytes) -> bytes:
    """Tells a canonical body from every other."""
    return sha256(type_name.encode() + b"\n" + body, usedforsecurity=False).digest()


class Checked(NamedTuple):
    """`data` is None where there are errors. `digest` names the body, however it was spelled."""

    data: ContractModel | None
    errors: tuple[FieldError, ...]
    unknown: tuple[str, ...]
    digest: bytes


def check(model: type[ContractModel], type_name: str, data: Any) -> Checked:
    """The data of an event (a JSON value) as the contract's model. Never raises."""
    try:
        body = canonical(data)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return Checked(None, (FieldError("/data", "holds a number, a character or a depth that cannot be read"),), (), b"")
    digest = digest_of(type_name, body)
    seen = body if len(body) < SMALL else canonical(_cut(data))
    try:
        return Checked(model.model_validate_json(seen, extra="forbid"), (), (), digest)
    except ValidationError:
        return _explained(model, data, seen, digest)


def _explained(model: type[ContractModel], data: Any, seen: bytes, digest: bytes) -> Checked:
    """What is not simply sound: refused with its errors, or taken with fields that the contract does not know."""
    unknown = tuple(clean(pointer("data", *path)) for path in _unknown(model, data))
    try:
        return Checked(model.model_validate_json(seen), (), unknown, digest)
    except ValidationError as error:
        return Checked(None, tuple(_faults(error.errors(include_url=False, include_input=False))), unknown, digest)


def _cut(value: Any, levels: int = DEEPEST) -> Any:
    """The value with only the first parts of each list, enough to tell that it holds too many; no deeper than a error can lie."""
    if not levels:
        return None
    if isinstance(value, dict):
        return {name: _cut(inner, levels - 1) for name, inner in value.items()}
    return [_cut(inner, levels - 1) for inner in value[:LONGEST]] if isinstance(value, list) else value


def _faults(errors: Sequence[ErrorDetails]) -> Iterator[FieldError]:
    """A list whose parts are wrong is also told to be too short: that says nothing new."""
    around = {error["loc"][:depth] for error in errors for depth in range(len(error["loc"]))}
    for error in errors:
        if error["type"] != "too_short" or error["loc"] not in around:
            yield FieldError(pointer("data", *error["loc"]), _words(error["type"], error.get("ctx", {})))


def _words(kind: str, context: dict[str, Any]) -> str:
    """What is wrong, in our words: pydantic's own may quote what was sent."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind in _WITH:
        return _WITH[kind].format(**context)
    if kind == "string_pattern_mismatch":
        return PATTERN_HINTS[context["pattern"]]
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        codes = re.findall(r"'([^']*)'", context["expected"])
        return f"is not in the list; allowed: {', '.join(codes)}" if codes else "must be true"
    return "does not fit the contract"


def _unknown(model: type[BaseModel], data: Any) -> Iterator[tuple[str | int, ...]]:
    """Paths to the fields that the contract does not know."""
    if not isinstance(data, dict):
        return
    fields = _fields(model)
    for name, value in data.items():
        if name not in fields:
            yield (name,)
        elif (inner := fields[name]) is None:
            continue
        elif isinstance(value, list):
            yield from ((name, nth, *rest) for nth, part in enumerate(value) for rest in _unknown(inner, part))
        else:
            yield from ((name, *rest) for rest in _unknown(inner, value))


@cache
def _fields(model: type[BaseModel]) -> dict[str, type[BaseModel] | None]:
    """Each field's name, with the model of what it holds, if it holds one."""
    return {name: _model_in(field.annotation) for name, field in model.model_fields.items()}


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
