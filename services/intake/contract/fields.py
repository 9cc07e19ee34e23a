"""Field types of the partner contract: texts, dates, ids, lists and people, with their limits and error texts."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from shared.programme.field_types import PHONE_PATTERN, EmailAddress, Label, PhoneNumber, readable
from shared.programme.plain_text import LINE_PATTERN, TEXT_PATTERN

T = TypeVar("T")


class ContractModel(BaseModel):
    """Base of the contract's models. Unknown fields are accepted, and listed in the receipt."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


def _unique(values: Sequence[T]) -> Sequence[T]:
    if len(set(values)) != len(values):
        raise ValueError("contains a duplicate")
    return values


def _whole(value: Any) -> Any:
    """JSON Schema calls 2.0 an integer, and some systems write each number like that."""
    return int(value) if type(value) is float and value.is_integer() else value


def _agreed(value: bool) -> bool:
    if not value:
        raise ValueError("must be true; the person has to agree first")
    return value


_EXTERNAL_ID = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$"
_REGION = r"^(BE|NL)-[A-Z]{2,3}$"
_DAY = r"^(20[0-9]{2}|2100)-[0-9]{2}-[0-9]{2}$"
_LIST = {"uniqueItems": True}
PATTERN_HINTS = {
    LINE_PATTERN: "must contain a visible character; no line break, tab, control character or change of reading direction",
    TEXT_PATTERN: "must contain a visible character; no control character but line break and tab, no change of reading direction",
    PHONE_PATTERN: "must be a number with its country code, 8 to 15 digits with at most single spaces, such as +32 2 000 00 00",
    _EXTERNAL_ID: "must start with A-Z, a-z or 0-9, followed by only those and . _ : -; at most 80 characters",
    _REGION: "must be an ISO 3166-2 code of Belgium or the Netherlands, such as BE-VAN or NL-GE",
}
"""The error text of each pattern, for receipts."""

ShortText = Label
Note = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=TEXT_PATTERN), AfterValidator(readable)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=TEXT_PATTERN), AfterValidator(readable)]
ExternalId = Annotated[str, StringConstraints(pattern=_EXTERNAL_ID)]
Region = Annotated[str, StringConstraints(pattern=_REGION)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31), json_schema_extra={"pattern": _DAY})]
WeekHours = Annotated[int, Field(ge=1, le=40), BeforeValidator(_whole)]
Consent = Annotated[bool, AfterValidator(_agreed), Field(json_schema_extra={"const": True})]
"""A person's yes: the boolean true, and nothing that merely counts as true."""
NonEmptyList = Annotated[tuple[T, ...], Field(min_length=1, max_length=30, json_schema_extra=_LIST), AfterValidator(_unique)]
UniqueList = Annotated[tuple[T, ...], Field(max_length=30, json_schema_extra=_LIST), AfterValidator(_unique)]


class Person(ContractModel):
    """A person who receives emails. Published on the private topic only."""

    name: ShortText
    email: EmailAddress = Field(
        description="one plain address, also checked against the rules of domain names; non-ASCII only after the @"
    )
    phone: PhoneNumber | None = Field(None, description="with the country code: +32 2 000 00 00")
