"""The pages over HTTP: GET and HEAD only look; the POST of a form becomes a message, then the page says what was recorded."""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from services.notify.links import ExpiredLink, InvalidLink, Link, Links
from services.notify.page_routes import Purpose
from services.notify.pages import evaluation, forms, info_pages, proposal, rendering, shortlist, steps
from services.notify.pages.page_data import PageData
from services.notify.pages.views import FormErrors, PageRequest, PageView, View
from services.notify.store import SQL
from shared import clock
from shared.error_text import safe_error_text
from shared.errors import TRANSIENT_ERRORS
from shared.log import log
from shared.postgres.pool import connection
from shared.postgres.retry import retry_transient
from shared.programme.policy import Policy
from shared.runtime.service import Service

VIEWS: Mapping[Purpose, View] = {
    "stappen": steps.view,
    "volgende-stap": info_pages.next_step,
    "lijst": shortlist.view,
    "voorstel": proposal.view,
    "start": info_pages.first_weeks,
    "gesprek": evaluation.view,
    "hulp": info_pages.help_,
}
NONE: Mapping[str, str] = MappingProxyType({})
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
        except TRANSIENT_ERRORS:
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
            link = self.links.verify(request.path_params["purpose"], request.path_params["token"])
            return cast(Response, await asyncio.wait_for(handle(request, link), PATIENCE))
        except ExpiredLink:
            return self._kind("expired", 410)
        except InvalidLink:
            return self._kind("unknown", 404)
        except TRANSIENT_ERRORS as error:
            log.warning("page waits", error=type(error).__name__)
            return self._kind("later", 503)
        except HTTPException:
            raise
        except Exception as error:
            log.error("page failed", error=type(error).__name__, detail=safe_error_text(error))
            return self._kind("later", 500)

    async def _seen(self, link: Link) -> tuple[PageRequest, PageView | None]:
        """What is behind the link. Raises `Expired` when it was for somebody who had this role before."""
        async with connection(self.service.pool) as db:
            visit = PageRequest(link, PageData(db, self.policy), self.policy, clock.now())
            await visit.known.look([link.person.subject])
            contact = visit.known.names.contact(link.person)
            if contact is None or self.links.recipient_tag(contact.email) != link.recipient_tag:
                raise ExpiredLink
            return visit, await VIEWS[link.purpose](visit)

    async def _show(self, request: Request, link: Link) -> Response:
        visit, seen = await self._seen(link)
        return self._page(visit, seen, 200) if seen else self._kind("early", 404)

    async def _take(self, request: Request, link: Link) -> Response:
        """A form that no longer counts shows the page as it is now; one with mistakes comes back with what to mend.

        One that was taken before is not judged again: its button was pressed twice.
        """
        fields = await forms.fields(request)
        visit, seen = await self._seen(link)
        if seen is None:
            return self._kind("early", 404)
        form, nonce, id = fields.get("form", ""), fields.get("nonce", ""), forms.id_of(link, fields)
        if await retry_transient(lambda: self.service.pool.fetchval(SQL["handled"], id)):
            return self._done(request)
        if form not in seen.forms or not 0 < len(nonce) <= forms.LONGEST_NONCE:
            return self._page(visit, seen, 409)
        try:
            reply, words = seen.forms[form](fields)
        except FormErrors as mistakes:
            return self._page(visit, seen, 422, mistakes.at, fields)
        await self.service.handle([forms.answered(id, link, reply, words, visit.now)])
        return self._done(request)

    def _done(self, request: Request) -> Response:
        return RedirectResponse(f"{request.url.path}/klaar", 303, rendering.headers())

    async def _confirm(self, request: Request, link: Link) -> Response:
        visit, seen = await self._seen(link)
        if seen is None:
            return self._kind("early", 404)
        back = request.url.path.removesuffix("/klaar")
        if not seen.done:
            return RedirectResponse(back, 303, rendering.headers())
        return _html(rendering.confirmation(visit, seen, self.links, back), 200)

    def _page(
        self, visit: PageRequest, seen: PageView, status: int, mistakes: Mapping[str, str] = NONE, filled: Mapping[str, str] = NONE
    ) -> Response:
        return _html(rendering.page(visit, seen, self.links, mistakes, filled, closed=status == 409), status)

    def _kind(self, what: rendering.Kind, status: int) -> Response:
        return _html(rendering.error_page(what, self.policy), status)


def _html(content: str, status: int) -> Response:
    return HTMLResponse(content, status, headers=rendering.headers())
