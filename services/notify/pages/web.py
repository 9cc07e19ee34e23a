"""The pages over HTTP: GET and HEAD only look; the POST of a form becomes a message, then the page says what was recorded."""

import asyncio
import secrets
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import Any, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from services.notify import wording
from services.notify.links import PURPOSES, Expired, Link, Links, Purpose, Unknown
from services.notify.pages import forms, looks, proposal, shortlist, talk
from services.notify.pages.known import Known
from services.notify.pages.page import Look, Mistakes, Seen, Visit
from services.notify.render import TEMPLATES, environment
from shared import clock
from shared.database import borrowed
from shared.errors import OUTAGES, told
from shared.log import log
from shared.policy import Contact, Policy
from shared.service import Service

LOOKS: Mapping[Purpose, Look] = {
    "stappen": looks.steps,
    "volgende-stap": looks.next_step,
    "lijst": shortlist.look,
    "voorstel": proposal.look,
    "start": looks.first_weeks,
    "gesprek": talk.look,
    "hulp": looks.help_,
}
PATIENCE = 10.0
"""Seconds after which somebody at a page hears that it does not work now."""


class Pages:
    """What the routes share: the way into the rules, the links, the programme's choices."""

    def __init__(self, service: Service, links: Links, policy: Policy) -> None:
        self.service, self.links, self.policy = service, links, policy

    def app(self) -> Starlette:
        """The routes: one page a purpose, its confirmation, and health."""
        return Starlette(
            routes=[
                Route("/health", self.health),
                Route("/{purpose}/{token}", self.page, methods=["GET", "POST"]),
                Route("/{purpose}/{token}/klaar", self.done),
            ],
            exception_handlers={HTTPException: self.no_such_page},
        )

    async def health(self, request: Request) -> Response:
        """200 when the database answers."""
        try:
            await asyncio.wait_for(self.service.pool.fetchval("SELECT 1"), 2)
        except OUTAGES:
            return PlainTextResponse("the database does not answer\n", 503)
        return PlainTextResponse("well\n")

    async def page(self, request: Request) -> Response:
        """Shows a page, or takes its form."""
        return await self._guarded(request, self._take if request.method == "POST" else self._show)

    async def done(self, request: Request) -> Response:
        """What was recorded, after a form."""
        return await self._guarded(request, self._confirm)

    async def no_such_page(self, request: Request, error: Exception) -> Response:
        """Any address that is none of ours, in kind words."""
        status = error.status_code if isinstance(error, HTTPException) else 404
        return self._kind("unknown", status)

    async def _guarded(self, request: Request, handle: Any) -> Response:
        """Whatever happens, a person reads a kind page, and no log reads what the person wrote."""
        try:
            link = self.links.read(request.path_params["purpose"], request.path_params["token"])
            return cast(Response, await asyncio.wait_for(handle(request, link), PATIENCE))
        except Expired:
            return self._kind("expired", 410)
        except Unknown:
            return self._kind("unknown", 404)
        except OUTAGES as error:
            log.warning("page waits", error=type(error).__name__)
            return self._kind("later", 503)
        except HTTPException:
            raise
        except Exception as error:
            log.error("page failed", error=type(error).__name__, detail=told(error))
            return self._kind("later", 500)

    async def _seen(self, link: Link) -> tuple[Visit, Seen | None]:
        async with borrowed(self.service.pool) as db:
            visit = Visit(link, Known(db), self.policy, clock.now())
            return visit, await LOOKS[link.purpose](visit)

    async def _show(self, request: Request, link: Link) -> Response:
        visit, seen = await self._seen(link)
        return self._rendered(visit, seen, 200) if seen else self._kind("early", 404)

    async def _take(self, request: Request, link: Link) -> Response:
        """A form that no longer counts shows the page as it is now; one with mistakes comes back with what to mend."""
        fields = await forms.fields(request)
        visit, seen = await self._seen(link)
        if seen is None:
            return self._kind("early", 404)
        form, nonce = fields.get("form", ""), fields.get("nonce", "")
        if form not in seen.forms or not 0 < len(nonce) <= forms.LONGEST_NONCE:
            return self._rendered(visit, seen, 409, closed=True)
        try:
            reply, words = seen.forms[form](fields)
        except Mistakes as mistakes:
            return self._rendered(visit, seen, 422, mistakes.at, fields)
        await self.service.handle([forms.answered(link, nonce, reply, words, visit.now)])
        return RedirectResponse(f"{request.url.path}/klaar", 303, _HEADERS)

    async def _confirm(self, request: Request, link: Link) -> Response:
        visit, seen = await self._seen(link)
        if seen is None:
            return self._kind("early", 404)
        back = request.url.path.removesuffix("/klaar")
        return self._html(
            "done", self._context(visit, seen) | {"said": seen.done, "back": back, "can_change": bool(seen.forms)}, 200
        )

    def _rendered(
        self,
        visit: Visit,
        seen: Seen,
        status: int,
        mistakes: Mapping[str, str] | None = None,
        fields: Mapping[str, str] | None = None,
        closed: bool = False,
    ) -> Response:
        context = self._context(visit, seen) | {"mistakes": mistakes or {}, "filled": fields or {}, "closed": closed}
        return self._html(visit.link.purpose, context, status)

    def _context(self, visit: Visit, seen: Seen) -> dict[str, Any]:
        today = seen.today(visit.now)
        return {
            **seen.facts,
            "forms": seen.forms,
            "nonce": secrets.token_urlsafe(12),
            "today": today,
            "language": seen.language,
            "w": wording.words()["variant"][seen.language],
            "programme": self.policy.programme,
            "call": self._call(visit.link),
            "role": visit.link.person.role,
            "address_of": lambda purpose: self.links.written(visit.link._replace(purpose=purpose)),
            "day": lambda on: wording.day(on, today, seen.language),
            "moment": lambda on, at: wording.moment(on, at, today, seen.language),
        }

    def _call(self, link: Link) -> Contact:
        if link.person.role in ("mediator", "advice_team"):
            return self.policy.lead
        return self.policy.mediator if link.purpose in ("voorstel", "volgende-stap") else self.policy.advice_team

    def _kind(self, what: str, status: int) -> Response:
        context = {"what": what, "language": self.policy.language, "programme": self.policy.programme, "call": self.policy.mediator}
        return self._html("kind", context, status)

    def _html(self, template: str, context: Mapping[str, Any], status: int) -> Response:
        html = (
            environment().get_template(f"pages/{template}.html").render({**context, "css": css(), "title": self.policy.mail_name})
        )
        return HTMLResponse(html, status, headers=_HEADERS)


@cache
def css() -> str:
    """The one style sheet, which stands in each page."""
    return (TEMPLATES / "pages/pages.css").read_text(encoding="utf-8")


_STYLE = b64encode(sha256(css().encode()).digest()).decode()
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
assert set(LOOKS) == set(PURPOSES)
