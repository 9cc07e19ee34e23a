"""What the partners' kinds are made of: texts, dates, references and people, each with its bounds and its words for developers."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, TypeVar
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

T = TypeVar("T")
ZONES = frozenset(available_timezones())


class Part(BaseModel):
    """Unknown fields are accepted, and listed in the receipt."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


def _unique(values: Sequence[T]) -> Sequence[T]:
    if len(set(values)) != len(values):
        raise ValueError("names the same thing twice")
    return values


def _known_zone(name: str) -> str:
    if name not in ZONES:
        raise ValueError("no time zone of the IANA list, as Europe/Brussels or Europe/Amsterdam are")
    return name


_LINE = r"^[^\x00-\x1f\x7f-\x9f]+$"
_TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+$"
_LIST = {"uniqueItems": True}

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=_LINE)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=_TEXT)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000, pattern=_TEXT)]
Email = Annotated[str, StringConstraints(max_length=254, pattern=r"^[^@\s\x00-\x20]+@[^@\s\x00-\x20]+\.[^@\s\x00-\x20]+$")]
Phone = Annotated[str, StringConstraints(pattern=r"^\+[0-9 ]{8,20}$")]
OwnId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$")]
Region = Annotated[str, StringConstraints(pattern=r"^(BE|NL)-[A-Z]{2,3}$")]
Zone = Annotated[str, AfterValidator(_known_zone)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))]
WeekHours = Annotated[int, Field(ge=1, le=40)]
SomeOf = Annotated[tuple[T, ...], Field(min_length=1, max_length=30, json_schema_extra=_LIST), AfterValidator(_unique)]
AnyOf = Annotated[tuple[T, ...], Field(max_length=30, json_schema_extra=_LIST), AfterValidator(_unique)]


class Person(Part):
    """Somebody we write to. Travels on the private topic alone."""

    name: Line
    email: Email
    phone: Phone | None = Field(None, description="with the country code: +32 2 000 00 00")
