"""Validation of an event's data against the contract: every error with its JSON pointer, and the unknown fields."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple, get_args

import msgspec
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from services.intake.contract.fields import PATTERN_HINTS, ContractModel
from services.intake.ingress.strict_json import for_receipt, pointer
from shared.messages.intake import FieldError

MAX_CHECKED_ITEMS = 100  # of a list; more than any list of the contract may have
MAX_CHECKED_DEPTH = 8  # levels; more than the contract has
SMALL_BYTES = 16 << 10  # larger bodies are cut before they are validated

canonical = msgspec.json.Encoder(order="sorted").encode
_DETAILS = {
    "missing": "is missing",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "model_type": "must be an object",
    "date_type": "must be a date, such as 2027-01-31",
    "date_parsing": "must be an existing date, such as 2027-01-31",
    "string_too_short": "is empty",
    "string_too_long": "is too long: at most {max_length} characters",
    "too_short": "has too few items: at least {min_length}",
    "too_long": "has too many items: at most {max_length}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
}


def body_digest(type_name: str, body: bytes) -> bytes:
    """The digest that identifies a canonical body."""
    return sha256(type_name.encode() + b"\n" + body, usedforsecurity=False).digest()


class Validated(NamedTuple):
    """`data` is None if there are errors. `digest` is of the canonical body, independent of the order of names and of spacing."""

    data: ContractModel | None
    errors: tuple[FieldError, ...]
    unknown: tuple[str, ...]
    digest: bytes


def validate_data(model: type[ContractModel], type_name: str, data: Any) -> Validated:
    """Validate an event's data (a JSON value). Never raises."""
    try:
        body = canonical(data)
    except (TypeError, ValueError, OverflowError, RecursionError):
        error = FieldError("/data", "contains a number or character that cannot be processed, or is nested too deeply")
        return Validated(None, (error,), (), b"")
    digest = body_digest(type_name, body)
    cut = body if len(body) < SMALL_BYTES else canonical(_cut(data))
    try:
        return Validated(model.model_validate_json(cut, extra="forbid"), (), (), digest)
    except ValidationError:
        return _explain(model, data, cut, digest)


def _explain(model: type[ContractModel], data: Any, cut: bytes, digest: bytes) -> Validated:
    """Data that have errors, or unknown fields only."""
    unknown = tuple(for_receipt(pointer("data", *path)) for path in _unknown(model, data))
    try:
        return Validated(model.model_validate_json(cut), (), unknown, digest)
    except ValidationError as error:
        return Validated(None, tuple(_errors(error.errors(include_url=False, include_input=False))), unknown, digest)


def _cut(value: Any, levels: int = MAX_CHECKED_DEPTH) -> Any:
    """The value, no deeper than the contract, and with enough items of each list to tell that there are too many."""
    if not levels:
        return None
    if isinstance(value, dict):
        return {name: _cut(inner, levels - 1) for name, inner in value.items()}
    return [_cut(inner, levels - 1) for inner in value[:MAX_CHECKED_ITEMS]] if isinstance(value, list) else value


def _errors(errors: Sequence[ErrorDetails]) -> Iterator[FieldError]:
    """Pydantic's errors as ours. It also reports a list with invalid items as too short, which is left out."""
    parents = {error["loc"][:depth] for error in errors for depth in range(len(error["loc"]))}
    for error in errors:
        if error["type"] != "too_short" or error["loc"] not in parents:
            yield FieldError(pointer("data", *error["loc"]), _detail(error["type"], error.get("ctx", {})))


def _detail(error_type: str, context: dict[str, Any]) -> str:
    """Our own text for an error, because pydantic's may quote the input."""
    if error_type in _DETAILS:
        return _DETAILS[error_type].format(**context)
    if error_type == "string_pattern_mismatch":
        return PATTERN_HINTS[context["pattern"]]
    if error_type == "value_error":
        return str(context["error"])
    if error_type == "literal_error":
        codes = re.findall(r"'([^']*)'", context["expected"])
        return f"is not in the list; allowed: {', '.join(codes)}"
    return "does not match the contract"


def _unknown(model: type[BaseModel], data: Any) -> Iterator[tuple[str | int, ...]]:
    """Yield the paths of fields outside the contract."""
    if not isinstance(data, dict):
        return
    fields = _fields(model)
    for name, value in data.items():
        if name not in fields:
            yield (name,)
        elif (inner := fields[name]) is None:
            continue
        elif isinstance(value, list):
            yield from ((name, index, *rest) for index, item in enumerate(value) for rest in _unknown(inner, item))
        else:
            yield from ((name, *rest) for rest in _unknown(inner, value))


@cache
def _fields(model: type[BaseModel]) -> dict[str, type[BaseModel] | None]:
    """The name of each field, with the model of its value or items, if any."""
    return {name: _model_in(field.annotation) for name, field in model.model_fields.items()}


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
