"""Field types of the partner contract: texts, dates, ids, lists and people, with their limits and error texts."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, TypeVar
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

T = TypeVar("T")
ZONES = frozenset(available_timezones())


class ContractModel(BaseModel):
    """Base of the contract's models. Unknown fields are accepted, and listed in the receipt."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


def _unique(values: Sequence[T]) -> Sequence[T]:
    if len(set(values)) != len(values):
        raise ValueError("names the same thing twice")
    return values


def _known_zone(name: str) -> str:
    if name not in ZONES:
        raise ValueError("must be a time zone of the IANA list, as Europe/Brussels or Europe/Amsterdam")
    return name


_LINE = r"^[^\x00-\x1f\x7f-\x9f]+$"
_TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+$"
_EMAIL = r"^[^@\s\x00-\x20]+@[^@\s\x00-\x20]+\.[^@\s\x00-\x20]+$"
_PHONE = r"^\+[0-9 ]{8,20}$"
_OWN_ID = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$"
_REGION = r"^(BE|NL)-[A-Z]{2,3}$"
_LIST = {"uniqueItems": True}
PATTERN_HINTS = {
    _LINE: "contains a line break, a tab or another control character",
    _TEXT: "contains a control character other than a line break or a tab",
    _EMAIL: "must be an e-mail address, as name@organisation.example",
    _PHONE: "must be a number with its country code, only digits and spaces, as +32 2 000 00 00",
    _OWN_ID: "must begin with A-Z, a-z or 0-9; then only those and . _ : -, at most 80 characters",
    _REGION: "must be an ISO 3166-2 code of Belgium or the Netherlands, as BE-VAN or NL-GE",
}
"""The error text of each pattern, for receipts."""

ShortText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=_LINE)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=_TEXT)]
LongText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000, pattern=_TEXT)]
Email = Annotated[str, StringConstraints(max_length=254, pattern=_EMAIL)]
Phone = Annotated[str, StringConstraints(pattern=_PHONE)]
OwnId = Annotated[str, StringConstraints(pattern=_OWN_ID)]
Region = Annotated[str, StringConstraints(pattern=_REGION)]
Zone = Annotated[str, AfterValidator(_known_zone)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))]
WeekHours = Annotated[int, Field(ge=1, le=40)]
NonEmptyList = Annotated[tuple[T, ...], Field(min_length=1, max_length=30, json_schema_extra=_LIST), AfterValidator(_unique)]
UniqueList = Annotated[tuple[T, ...], Field(max_length=30, json_schema_extra=_LIST), AfterValidator(_unique)]


class Person(ContractModel):
    """A person who receives emails. Published on the private topic only."""

    name: ShortText
    email: Email
    phone: Phone | None = Field(None, description="with the country code: +32 2 000 00 00")
