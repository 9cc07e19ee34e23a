"""A letter in words: subject, HTML, authored text and calendar entry. Pure: no clock, no database, no bus."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from textwrap import TextWrapper
from typing import Any, NamedTuple
from uuid import UUID

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from jinja2.meta import find_undeclared_variables

from services.notify import wording
from services.notify.emails.calendar_invite import EmailAddress, Meeting, invitation
from services.notify.page_routes import contact_person, purpose_of
from shared.messages.code_lists import Language, Role
from shared.programme.local_dates import local_date
from shared.programme.policy import Policy

TEMPLATES = Path(__file__).parents[1] / "templates"
WIDTH = 78
PLAIN = TextWrapper(WIDTH, break_long_words=False, break_on_hyphens=False)
BULLET = TextWrapper(WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
NAMES = frozenset(
    {
        "organisation_name",
        "organisation_place",
        "vacancy_title",
        "tasks",
        "hours",
        "still_open",
        "expert_name",
        "coordinator_name",
        "partner_names",
    }
)
WITH_CALENDAR = frozenset({"start", "evaluation_moved", "evaluation_invitation"})


class Reader(NamedTuple):
    """Who reads it."""

    name: str
    email: str
    language: Language
    zone: str


@dataclass(frozen=True, slots=True)
class ResolvedEmail:
    """A letter with all it needs: facts are codes, ids and ISO dates, `names` what people and places are called (`NAMES`).

    `time` is when it was asked for, `now` when it goes out: its words fit the day of the latter.
    """

    id: UUID
    template: str
    about: str
    role: Role
    facts: Mapping[str, Any]
    time: datetime
    now: datetime
    reader: Reader
    names: Mapping[str, Any]
    page: str
    help: str


class RenderedEmail(NamedTuple):
    """What goes into the envelope."""

    subject: str
    html: str
    text: str
    calendar: str | None


class Front(NamedTuple):
    """What stands above a template's text: its subject, and who reviewed it when (empty until it happened)."""

    subject: str
    reviewer: str
    reviewed: str


class _Templates(FileSystemLoader):
    """Templates without their front matter."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, path, fresh = super().get_source(environment, template)
        return _parted(source)[1], path, fresh


@cache
def environment() -> Environment:
    """Templates that name anything unknown fail, and markup in people's words is escaped."""
    env = Environment(
        loader=_Templates(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=lambda name: bool(name and name.endswith(".html")),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.filters |= {
        "label": wording.label,
        "join_list": wording.join_list,
        "number_word": wording.number_word,
        "hour": wording.hour,
    }
    env.filters |= {"reason": wording.reason, "item": wording.item}
    return env


@cache
def front(template: str) -> Front:
    """The front matter of a mail."""
    lines = _parted((TEMPLATES / f"mails/{template}.txt").read_text(encoding="utf-8"))[0].splitlines()
    return Front(**{name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)})


def _parted(source: str) -> tuple[str, str]:
    if not source.startswith("---\n"):
        return "", source
    head, _, body = source.removeprefix("---\n").partition("\n---\n")
    return head, body


@cache
def _subject(template: str) -> Template:
    return environment().from_string(front(template).subject)


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)


@cache
def needs(template: str) -> frozenset[str]:
    """The names without which this mail says nothing: a letter waits for them."""
    files = [(TEMPLATES / f"mails/{template}{ending}").read_text(encoding="utf-8") for ending in (".html", ".txt")]
    return frozenset(NAMES & set().union(*(find_undeclared_variables(environment().parse(file)) for file in files)))


def render(draft: ResolvedEmail, policy: Policy) -> RenderedEmail:
    """The mail. Raises `jinja2.UndefinedError` for a fact that is not there."""
    said = _context(draft, policy)
    html = environment().get_template(f"mails/{draft.template}.html").render(said)
    text = environment().get_template(f"mails/{draft.template}.txt").render(said)
    calendar = _calendar(draft, policy) if draft.template in WITH_CALENDAR else None
    return RenderedEmail(_subject(draft.template).render(said), _inliner().inline(html), wrapped(text), calendar)


def _context(draft: ResolvedEmail, policy: Policy) -> dict[str, Any]:
    reader, today = draft.reader, local_date(draft.now, draft.reader.zone)

    def day(on: date | str) -> str:
        return wording.day(on, today, reader.language)

    def moment(on: date | str, at: time | str | None) -> str:
        return wording.moment(on, at, today, reader.language)

    return {
        **draft.facts,
        **draft.names,
        "first_step": wording.first_step(draft.facts.get("missing_b", ())),
        "reader": reader,
        "role": draft.role,
        "programme": policy.programme,
        "sender_name": policy.sender_name,
        "contact": contact_person(draft.role, purpose_of(draft.template), policy),
        "page": draft.page,
        "help": draft.help,
        "variant": wording.word_lists()["variant"][reader.language],
        "day": day,
        "moment": moment,
        "days_to": lambda on: (date.fromisoformat(on) - today).days,
    }


def _calendar(draft: ResolvedEmail, policy: Policy) -> str:
    at = draft.facts["at"]
    talk = Meeting(
        f"{draft.about.replace('/', '-')}@{policy.sender_address.partition('@')[2]}",
        date.fromisoformat(draft.facts["on"]),
        time.fromisoformat(at) if at else None,
        draft.facts["zone"],
        draft.facts["sequence"],
    )
    guest = EmailAddress(draft.reader.name, draft.reader.email)
    return invitation(talk, EmailAddress(policy.sender_name, policy.sender_address), guest, draft.time)


def wrapped(text: str) -> str:
    """Lines of at most 78 characters, paragraphs apart; a link is never broken."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join("\n".join(_folded(line.strip()) for line in lines.splitlines()) for lines in paragraphs) + "\n"


def _folded(line: str) -> str:
    if len(line) <= WIDTH:
        return line
    return (BULLET if line.startswith("- ") else PLAIN).fill(line)
