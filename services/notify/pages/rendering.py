"""What somebody sees, as HTML: a page, its confirmation, or kind words where there is none. Pure but for a form's nonce."""

import secrets
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import Any, Literal

from services.notify import wording
from services.notify.emails.render import TEMPLATES, environment
from services.notify.links import Links
from services.notify.page_routes import PAGE_TEMPLATES, contact_person
from services.notify.pages.views import PageRequest, PageView
from shared.programme.policy import Policy

Kind = Literal["expired", "early", "later", "unknown"]


def page(
    visit: PageRequest, seen: PageView, links: Links, mistakes: Mapping[str, str], filled: Mapping[str, str], closed: bool
) -> str:
    """The page behind a link. `closed`: its form came too late, and was not taken."""
    template = PAGE_TEMPLATES[visit.link.purpose]
    form = {"mistakes": mistakes, "filled": filled, "closed": closed}
    return _html(template, _context(visit, seen, links) | form, visit.policy)


def confirmation(visit: PageRequest, seen: PageView, links: Links, back: str) -> str:
    """What was recorded, and what of it can still be changed at `back`."""
    return _html("done", _context(visit, seen, links) | {"said": seen.done, "back": back, "change": seen.change}, visit.policy)


def error_page(what: Kind, policy: Policy) -> str:
    """Words for whoever stands before a door that does not open, with a person to call."""
    return _html("error", {"what": what, "language": policy.language, "call": policy.mediator}, policy)


def _html(template: str, context: Mapping[str, Any], policy: Policy) -> str:
    always = {"css": css(), "house": policy.sender_name, "programme": policy.programme}
    return environment().get_template(f"pages/{template}.html").render({**context, **always})


def _context(visit: PageRequest, seen: PageView, links: Links) -> dict[str, Any]:
    today = seen.today(visit.now)
    return {
        **seen.facts,
        "forms": seen.forms,
        "nonce": secrets.token_urlsafe(12),
        "language": seen.language,
        "w": wording.word_lists()["variant"][seen.language],
        "call": contact_person(visit.link.person.role, visit.link.purpose, visit.policy),
        "address_of": lambda purpose: links.url_for(visit.link._replace(purpose=purpose)),
        "day": lambda on: wording.day(on, today, seen.language),
        "moment": lambda on, at: wording.moment(on, at, today, seen.language),
    }


@cache
def css() -> str:
    """The one style sheet, which stands in each page."""
    return (TEMPLATES / "pages/pages.css").read_text(encoding="utf-8")


@cache
def headers() -> Mapping[str, str]:
    """Kept by nobody, framed by nobody, told to nobody; nothing is loaded but our own style sheet, known by its hash."""
    style = b64encode(sha256(css().encode()).digest()).decode()
    return {
        "Cache-Control": "no-store",
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow",
    }
