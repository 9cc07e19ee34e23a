"""Render an email: subject, HTML, hand-written plain text and calendar invite. Pure: no clock, database or network."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from textwrap import TextWrapper
from typing import Any, NamedTuple
from uuid import UUID

import css_inline
from jinja2 import Template

from services.notify import wording
from services.notify.emails.calendar_invite import EmailAddress, Meeting, Method, calendar_invite
from services.notify.page_routes import contact_person, purpose_of
from services.notify.templating import environment, front_matter
from shared.messages.code_lists import Language, Role
from shared.programme.local_dates import local_date
from shared.programme.policy import Policy

LINE_WIDTH = 78
PARAGRAPH = TextWrapper(LINE_WIDTH, break_long_words=False, break_on_hyphens=False)
LIST_ITEM = TextWrapper(LINE_WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
CALENDAR_METHODS: Mapping[str, Method] = {
    "start": "REQUEST",
    "evaluation_moved": "REQUEST",
    "evaluation_invitation": "REQUEST",
    "calendar_cancelled": "CANCEL",
}
"""The method of an email's calendar entry (RFC 5546); other emails have none."""


class Reader(NamedTuple):
    """The recipient, as templates see them."""

    name: str
    email: str
    language: Language
    zone: str


@dataclass(frozen=True, slots=True)
class ResolvedEmail:
    """An email with everything that its templates need.

    `facts` are codes, ids and ISO dates; `names` are display names (`templating.LOOKED_UP_NAMES`). `requested_at` is the time of
    the message that led to the email, `now` the time of sending, to which words such as "morgen" refer. Both URLs
    are empty for a person who left: no page is theirs.
    """

    id: UUID
    template: str
    about: str
    role: Role
    facts: Mapping[str, Any]
    requested_at: datetime
    now: datetime
    reader: Reader
    names: Mapping[str, Any]
    page_url: str
    help_url: str


class RenderedEmail(NamedTuple):
    """The parts of a message, before MIME."""

    subject: str
    html: str
    text: str
    calendar: str | None


def render(email: ResolvedEmail, policy: Policy) -> RenderedEmail:
    """Render all parts. Raises `jinja2.UndefinedError` if a fact is missing."""
    context = template_context(email, policy)
    html = environment().get_template(f"mails/{email.template}.html").render(context)
    text = environment().get_template(f"mails/{email.template}.txt").render(context)
    calendar = _calendar(email, policy) if email.template in CALENDAR_METHODS else None
    return RenderedEmail(_subject(email.template).render(context), _inliner().inline(html), wrap(text), calendar)


@cache
def _subject(template: str) -> Template:
    return environment().from_string(front_matter(template).subject)


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)


def template_context(email: ResolvedEmail, policy: Policy) -> dict[str, Any]:
    """Return the variables that the templates of this email see."""
    reader, today = email.reader, local_date(email.now, email.reader.zone)

    def day(on: date | str) -> str:
        return wording.day(on, today, reader.language)

    def moment(on: date | str, at: time | str | None) -> str:
        return wording.moment(on, at, today, reader.language)

    return {
        **email.facts,
        **email.names,
        "first_step": wording.first_step(email.facts.get("missing_b", ())),
        "reader": reader,
        "role": email.role,
        "programme": policy.programme,
        "sender_name": policy.sender_name,
        "contact": contact_person(email.role, purpose_of(email.template, email.facts), policy),
        "page": email.page_url,
        "help": email.help_url,
        "variant": wording.word_lists()["variant"][reader.language],
        "day": day,
        "moment": moment,
        "day_off": lambda on: wording.day_off(on, reader.language),
        "days_to": lambda on: (date.fromisoformat(on) - today).days,
    }


def _calendar(email: ResolvedEmail, policy: Policy) -> str:
    at = email.facts["at"]
    meeting = Meeting(
        f"{email.about.replace('/', '-')}@{policy.sender_address.partition('@')[2]}",
        date.fromisoformat(email.facts["on"]),
        time.fromisoformat(at) if at else None,
        email.facts["zone"],
        email.facts["sequence"],
    )
    organiser = EmailAddress(policy.sender_name, policy.sender_address)
    attendee, method = EmailAddress(email.reader.name, email.reader.email), CALENDAR_METHODS[email.template]
    return calendar_invite(meeting, organiser, attendee, email.requested_at, method)


def wrap(text: str) -> str:
    """Wrap lines at 78 characters, never within a link, and separate paragraphs by one empty line."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join("\n".join(_wrap_line(line.strip()) for line in lines.splitlines()) for lines in paragraphs) + "\n"


def _wrap_line(line: str) -> str:
    if len(line) <= LINE_WIDTH:
        return line
    return (LIST_ITEM if line.startswith("- ") else PARAGRAPH).fill(line)
