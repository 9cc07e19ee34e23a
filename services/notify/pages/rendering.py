"""HTML of a page, its confirmation, and the error pages. Pure, except for the random nonce of a form."""

import secrets
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import Any, Literal

from services.notify import wording
from services.notify.links import Links
from services.notify.page_routes import PAGE_TEMPLATES, contact_person
from services.notify.pages.views import Draft, PageRequest, PageView
from services.notify.templating import TEMPLATES, environment
from shared.programme.policy import Policy

ErrorKind = Literal["link_expired", "link_sent", "link_unknown", "not_ready", "unavailable"]
NO_DRAFT = Draft()


def page(request: PageRequest, view: PageView, links: Links, draft: Draft = NO_DRAFT) -> str:
    """Return the page, with the errors and submitted values of a form; if that is closed, with a note that nothing was saved."""
    form = {"errors": draft.errors, "values": draft.values, "form_closed": draft.is_closed}
    return _render(PAGE_TEMPLATES[request.link.purpose], _context(request, view, links) | form, request.policy)


def confirmation(request: PageRequest, view: PageView, links: Links, page_path: str) -> str:
    """Return the confirmation: the recorded answer, and the part of it that can still be changed on the page."""
    recorded = {"sentences": view.confirmation, "change_hint": view.change_hint, "page_path": page_path}
    return _render("confirmation", _context(request, view, links) | recorded, request.policy)


def error_page(error: ErrorKind, policy: Policy, new_link: str = "") -> str:
    """Return a friendly explanation, with a person to call; `new_link` is the path that sends another link by email."""
    context = {"error": error, "language": policy.language, "contact": policy.mediator, "new_link": new_link}
    return _render("error", context, policy)


def _render(template: str, context: Mapping[str, Any], policy: Policy) -> str:
    common = {"css": stylesheet(), "sender_name": policy.sender_name, "programme": policy.programme}
    return environment().get_template(f"pages/{template}.html").render({**context, **common})


def _context(request: PageRequest, view: PageView, links: Links) -> dict[str, Any]:
    today = view.today(request.now)
    return {
        **view.context,
        "forms": view.forms,
        "nonce": secrets.token_urlsafe(12),
        "language": view.language,
        "variant": wording.word_lists()["variant"][view.language],
        "contact": contact_person(request.link.person.role, request.link.purpose, request.policy),
        "url_for": lambda purpose: links.url_for(request.link._replace(purpose=purpose)),
        "day": lambda on: wording.day(on, today, view.language),
        "moment": lambda on, at: wording.moment(on, at, today, view.language),
        "day_off": lambda on: wording.day_off(on, view.language),
    }


@cache
def stylesheet() -> str:
    """Return the stylesheet, which is inlined in each page."""
    return (TEMPLATES / "pages/pages.css").read_text(encoding="utf-8")


@cache
def security_headers() -> Mapping[str, str]:
    """Forbid caching, framing, referrers, indexing, and any resource except the inlined stylesheet, allowed by its hash."""
    style = b64encode(sha256(stylesheet().encode()).digest()).decode()
    return {
        "Cache-Control": "no-store",
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow",
    }
