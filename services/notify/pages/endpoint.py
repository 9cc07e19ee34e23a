"""One page over HTTP: the page itself, its forms and their confirmation. A POST is answered by a redirect."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from services.notify.links import ExpiredLink, InvalidLink, Link, Links
from services.notify.page_routes import Purpose
from services.notify.pages import drafts, forms, rendering
from services.notify.pages.page_data import PageData
from services.notify.pages.views import Draft, FormErrors, PageRequest, PageView, View
from services.notify.store import SQL
from shared import clock
from shared.error_text import safe_error_text
from shared.log import log
from shared.pipeline.component import WorkerContext
from shared.postgres.pool import connection
from shared.postgres.retry import retry_transient
from shared.postgres.transient_errors import TRANSIENT_ERRORS
from shared.programme.policy import Policy

CONFIRMATION = "/klaar"
NEW_LINK = "/nieuwe-link"
DRAFT, CLOSED = "concept", "gewijzigd"
"""Query parameters: the id of a form with errors; a note that the form was no longer accepted."""
REQUEST_TIMEOUT = 10.0
"""Seconds after which a person sees that the page is unavailable."""

Handler = Callable[[Request, Link], Awaitable[Response]]


class PageEndpoint:
    """The routes of one purpose. Replies go through the service's decider, as messages do."""

    def __init__(self, purpose: Purpose, view: View, service: WorkerContext, links: Links, policy: Policy) -> None:
        self.purpose, self.view = purpose, view
        self.service, self.links, self.policy = service, links, policy

    def routes(self) -> list[Route]:
        path = f"/{self.purpose}/{{token}}"
        return [
            Route(path, self.page, methods=["GET", "POST"]),
            Route(path + CONFIRMATION, self.confirmation),
            Route(path + NEW_LINK, self.new_link, methods=["GET", "POST"]),
        ]

    async def page(self, request: Request) -> Response:
        """Show the page, or accept its form."""
        return await self._respond(request, self._submit if request.method == "POST" else self._show)

    async def confirmation(self, request: Request) -> Response:
        """Show the recorded answer; redirect to the page if there is none."""
        return await self._respond(request, self._confirm)

    async def new_link(self, request: Request) -> Response:
        """Email a new link to the person in the role of an expired one, at the address on record, at most once a day.

        The answer is the same whoever that is now, so that it reveals nothing to the holder of the old link.
        """
        return await self._respond(request, self._send_new_link, accepts_expired=True)

    async def _send_new_link(self, request: Request, link: Link) -> Response:
        if request.method != "POST":
            return html_response(rendering.error_page("link_sent", self.policy), 200)
        await self.service.handle([forms.link_request(link, clock.now())])
        return _redirect(request.url.path)

    async def _respond(self, request: Request, handler: Handler, *, accepts_expired: bool = False) -> Response:
        """Verify the link and run the handler; a failure becomes an error page. Nothing that a person wrote is logged."""
        try:
            link = self._verify(request, accepts_expired)
            return await asyncio.wait_for(handler(request, link), REQUEST_TIMEOUT)
        except (ExpiredLink, InvalidLink) as error:
            if request.method == "POST":
                return _redirect(request.url.path)
            return self._expired(request) if isinstance(error, ExpiredLink) else self._error("link_unknown", 404)
        except TRANSIENT_ERRORS as error:
            log.warning("page_unavailable", error=type(error).__name__)
            return self._error("unavailable", 503)
        except HTTPException:
            raise
        except Exception as error:
            log.error("page_failed", error=type(error).__name__, detail=safe_error_text(error))
            return self._error("unavailable", 500)

    def _verify(self, request: Request, accepts_expired: bool) -> Link:
        try:
            return self.links.verify(self.purpose, request.path_params["token"])
        except ExpiredLink as error:
            if accepts_expired:
                return error.link
            raise

    async def _show(self, request: Request, link: Link) -> Response:
        page, view = await self._load(link)
        if view is None:
            return self._error("not_ready", 404)
        id = request.query_params.get(DRAFT)
        draft = await drafts.load(self.service.pool, id, link, view) if id else Draft(is_closed=CLOSED in request.query_params)
        return html_response(rendering.page(page, view, self.links, draft), 200)

    async def _submit(self, request: Request, link: Link) -> Response:
        """Process the reply in a form and redirect (303): a page that answers a POST could not be reached by Back.

        A valid form leads to the confirmation, another one to the page: with its errors, which are stored for that, or with a note
        that the form is no longer accepted. A form that was processed before is not validated again: its button was pressed twice.
        """
        fields = await forms.read_fields(request)
        page, view = await self._load(link)
        path, form, id = request.url.path, fields.get("form", ""), forms.reply_id(link, fields)
        if view is None:
            return _redirect(path)
        if await retry_transient(lambda: self.service.pool.fetchval(SQL["was_processed"], id)):
            return _redirect(path + CONFIRMATION)
        if form not in view.forms or not forms.has_valid_nonce(fields):
            return _redirect(f"{path}?{CLOSED}")
        try:
            submission = view.forms[form](fields)
        except FormErrors:
            await drafts.save(self.service.pool, id, link, fields)
            return _redirect(f"{path}?{DRAFT}={id}")
        await self.service.handle([forms.to_envelope(id, link, submission, page.now)])
        return _redirect(path + CONFIRMATION)

    async def _confirm(self, request: Request, link: Link) -> Response:
        page, view = await self._load(link)
        if view is None:
            return self._error("not_ready", 404)
        page_path = request.url.path.removesuffix(CONFIRMATION)
        if not view.confirmation:
            return _redirect(page_path)
        return html_response(rendering.confirmation(page, view, self.links, page_path), 200)

    async def _load(self, link: Link) -> tuple[PageRequest, PageView | None]:
        """Load the view behind the link. Raises `ExpiredLink` if the role has passed to another address since it was issued."""
        async with connection(self.service.pool) as db:
            page = PageRequest(link, PageData(db, self.policy), self.policy, clock.now())
            await page.data.load([link.person.subject])
            contact = page.data.directory.contact(link.person)
            if contact is None or self.links.recipient_tag(contact.email) != link.recipient_tag:
                raise ExpiredLink(link)
            return page, await self.view(page)

    def _expired(self, request: Request) -> Response:
        path = request.url.path.removesuffix(CONFIRMATION) + NEW_LINK
        return html_response(rendering.error_page("link_expired", self.policy, new_link=path), 410)

    def _error(self, error: rendering.ErrorKind, status: int) -> Response:
        return html_response(rendering.error_page(error, self.policy), status)


def html_response(html: str, status: int) -> Response:
    return HTMLResponse(html, status, headers=rendering.security_headers())


def _redirect(path: str) -> Response:
    return RedirectResponse(path, 303, rendering.security_headers())
