"""The Jinja environment of emails and pages, and the front matter of email templates. Reads files only."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.meta import find_undeclared_variables

from services.notify import wording

TEMPLATES = Path(__file__).with_name("templates")
LOOKED_UP_NAMES = frozenset(
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
"""Template variables that are looked up when an email is sent."""


class FrontMatter(NamedTuple):
    """Metadata of an email template: its subject, its reviewer and the review date; the latter two are empty before the review."""

    subject: str
    reviewer: str
    reviewed: str


class _Loader(FileSystemLoader):
    """Load templates without their front matter."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, path, uptodate = super().get_source(environment, template)
        return _split(source)[1], path, uptodate


@cache
def environment() -> Environment:
    """Return the environment: undefined variables raise, and HTML templates escape markup in free text."""
    env = Environment(
        loader=_Loader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=lambda name: bool(name and name.endswith(".html")),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    filters = (wording.label, wording.join_list, wording.number_word, wording.hour, wording.reason, wording.item)
    env.filters |= {filter.__name__: filter for filter in filters}
    return env


@cache
def front_matter(email_template: str) -> FrontMatter:
    """Return the metadata at the top of an email's text template."""
    lines = _split((TEMPLATES / f"mails/{email_template}.txt").read_text(encoding="utf-8"))[0].splitlines()
    return FrontMatter(**{name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)})


@cache
def required_names(email_template: str) -> frozenset[str]:
    """Return the `LOOKED_UP_NAMES` that an email uses; it cannot be sent before all of them are known."""
    sources = [(TEMPLATES / f"mails/{email_template}{suffix}").read_text(encoding="utf-8") for suffix in (".html", ".txt")]
    used = set[str]().union(*(find_undeclared_variables(environment().parse(source)) for source in sources))
    return LOOKED_UP_NAMES & used


def _split(source: str) -> tuple[str, str]:
    """Return front matter and body."""
    if not source.startswith("---\n"):
        return "", source
    head, _, body = source.removeprefix("---\n").partition("\n---\n")
    return head, body
