"""Types of a page: the request behind a link, the view that answers it, and the forms that the view accepts."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple, TypeVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, ValidationInfo, field_validator

from services.notify.links import Link
from services.notify.pages.page_data import PageData
from shared.messages.code_lists import Language
from shared.messages.notify import Reply
from shared.programme.date_range import DateRange
from shared.programme.local_dates import local_date
from shared.programme.policy import Policy

F = TypeVar("F", bound="Form")


class FormErrors(Exception):
    """An invalid form, with the message to show at each wrong field."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        super().__init__(", ".join(messages))
        self.messages = messages


class FieldMessages(NamedTuple):
    """The message at a field that is empty, and at one with a wrong value."""

    missing: str
    wrong: str


def _must_be_iso_date(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError("not a date of the form 2027-04-12")
    return value


def _read_clock_time(value: Any) -> Any:
    """Return `14.00` as `14:00`. A number of seconds or a time with a zone is no time of day that a person writes."""
    text = str(value).replace(".", ":")
    if not re.fullmatch(r"\d{1,2}:\d{2}(:00)?", text):
        raise ValueError("not a time of the form 14:00")
    return text.zfill(5)


LocalDate = Annotated[date, BeforeValidator(_must_be_iso_date)]
ClockTime = Annotated[time, BeforeValidator(_read_clock_time)]


class Form(BaseModel):
    """The fields of a form as the browser sent them; others are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, str_strip_whitespace=True)

    @field_validator("*")
    @classmethod
    def _within_limits(cls, value: Any, info: ValidationInfo) -> Any:
        days: DateRange | None = (info.context or {}).get(info.field_name)
        if days is not None and isinstance(value, date) and value not in days:
            raise ValueError(f"not from {days.first} to {days.last}")
        return value


class Draft(NamedTuple):
    """The submitted values of a form, and the messages at its wrong fields; `is_closed` if the form is no longer accepted."""

    values: Mapping[str, str] = MappingProxyType({})
    errors: Mapping[str, str] = MappingProxyType({})
    is_closed: bool = False


class Submission(NamedTuple):
    """The content of a valid form: the reply to publish, and the person's own words, which never leave notify."""

    reply: Reply
    words: str = ""


ReadForm = Callable[[Mapping[str, str]], Submission]
"""Reader of the fields of one form; raises `FormErrors`."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A visit to the page behind a link, at a moment (`now` is aware)."""

    link: Link
    data: PageData
    policy: Policy
    now: datetime

    @property
    def entity_id(self) -> UUID:
        """The id of the entity that the page concerns."""
        return UUID(self.link.about.partition("/")[2])


@dataclass(frozen=True, slots=True)
class PageView:
    """The content of a page, in the reader's language and time zone.

    `context` holds the values for its template, `forms` the forms that are still accepted. `confirmation` describes the
    recorded answer in sentences (empty before any), `change_hint` the part of it that can still be changed.
    """

    context: Mapping[str, Any]
    zone: str
    language: Language
    forms: Mapping[str, ReadForm] = field(default_factory=dict)
    confirmation: tuple[str, ...] = ()
    change_hint: str = ""

    def today(self, now: datetime) -> date:
        return local_date(now, self.zone)


View = Callable[[PageRequest], Awaitable[PageView | None]]
"""Builder of a page; returns None if the entity behind the link is not known yet."""


def parse_form(
    form: type[F], fields: Mapping[str, str], messages: Mapping[str, FieldMessages], limits: Mapping[str, DateRange | None]
) -> F:
    """Validate the fields, with the days to which some are limited; an empty field counts as absent.

    Raises `FormErrors` with the message for each wrong field, in the order of the form."""
    try:
        return form.model_validate({name: value for name, value in fields.items() if value.strip()}, context=limits)
    except ValidationError as error:
        faults = {str(fault["loc"][0]): fault["type"] for fault in error.errors()}
        wrong = {name: faults[name] for name in form.model_fields if name in faults}
        raise FormErrors({name: _message(messages[name], fault) for name, fault in wrong.items()}) from None


def _message(messages: FieldMessages, fault: str) -> str:
    return messages.missing if fault == "missing" else messages.wrong
