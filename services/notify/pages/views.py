"""What a page consists of: the request behind a link, the view that answers it, and the forms that the view accepts."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from services.notify.links import Link
from services.notify.pages.page_data import PageData
from shared.messages.code_lists import Language
from shared.messages.notify import Reply
from shared.programme.local_dates import local_date
from shared.programme.policy import Policy

F = TypeVar("F", bound="Form")


class FormErrors(Exception):
    """An invalid form, with the message to show at each wrong field."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        super().__init__(", ".join(messages))
        self.messages = messages


class Form(BaseModel):
    """The fields of a form as the browser sent them; others are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, str_strip_whitespace=True)


class Submission(NamedTuple):
    """The content of a valid form: the reply to publish, and the person's own words, which never leave notify."""

    reply: Reply
    words: str = ""


ReadForm = Callable[[Mapping[str, str]], Submission]
"""Reads the fields of one form. Raises `FormErrors`."""


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
    """What a page shows, in the reader's language and time zone.

    `context` holds the values for its template, `forms` the forms that are still accepted. `confirmation` describes in sentences
    what was recorded (empty before any answer), `change_hint` what of it can still be changed.
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
"""Returns None if the entity behind the link is not known yet."""


def parse_form(form: type[F], fields: Mapping[str, str], error_messages: Mapping[str, str]) -> F:
    """Validate the fields; an empty one counts as absent. Raises `FormErrors` with the message for each wrong field."""
    try:
        return form.model_validate({name: value for name, value in fields.items() if value.strip()})
    except ValidationError as error:
        wrong = {str(fault["loc"][0]) for fault in error.errors()}
        raise FormErrors({name: error_messages.get(name, "Kijk dit nog eens na.") for name in sorted(wrong)}) from None
