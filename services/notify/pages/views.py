"""What a page is: what one person sees behind a link, and the forms that the person may send."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from services.notify.links import Link
from services.notify.pages.page_data import PageData
from shared.messages.code_lists import Language
from shared.messages.notify import Reply
from shared.programme.local_dates import local_date
from shared.programme.policy import Policy

F = TypeVar("F", bound="Form")


class FormErrors(Exception):
    """A form that is not complete: what to say at each field."""

    def __init__(self, at: Mapping[str, str]) -> None:
        super().__init__(", ".join(at))
        self.at = at


class Form(BaseModel):
    """The fields of a form, as the browser sent them."""

    model_config = ConfigDict(extra="ignore", frozen=True, str_strip_whitespace=True)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One person's look behind a link, at a moment."""

    link: Link
    known: PageData
    policy: Policy
    now: datetime


@dataclass(frozen=True, slots=True)
class PageView:
    """What a page shows (`facts`, for its template) and which of its forms still count, each with how its fields are read.

    `done` says what was recorded, in sentences, none while nobody answered; `change` what of it can still be changed.
    """

    facts: Mapping[str, Any]
    zone: str
    language: Language
    forms: Mapping[str, Callable[[Mapping[str, str]], tuple[Reply, str]]] = field(default_factory=dict)
    done: tuple[str, ...] = ()
    change: str = ""

    def today(self, now: datetime) -> date:
        return local_date(now, self.zone)


View = Callable[[PageRequest], Awaitable[PageView | None]]
"""None where the thing behind the link is not known (any more)."""


def parsed(form: type[F], fields: Mapping[str, str], say: Mapping[str, str]) -> F:
    """The form's fields, an empty one as if it were left out. Raises `Mistakes` with what `say` has for each wrong field."""
    try:
        return form.model_validate({name: value for name, value in fields.items() if value.strip()})
    except ValidationError as error:
        wrong = {str(fault["loc"][0]) for fault in error.errors()}
        raise FormErrors({name: say.get(name, "Kijk dit nog eens na.") for name in sorted(wrong)}) from None
