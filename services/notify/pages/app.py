"""The pages as a web application: a view for each purpose, and a health check."""

import asyncio
from collections.abc import Sequence
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from services.notify.links import Links
from services.notify.page_routes import Purpose
from services.notify.pages import evaluation, info_pages, proposal, rendering, shortlist, steps
from services.notify.pages.endpoint import PageEndpoint, html_response
from services.notify.pages.views import View
from shared.pipeline.component import WorkerContext
from shared.postgres.transient_errors import TRANSIENT_ERRORS
from shared.programme.policy import Policy

VIEWS: Sequence[tuple[Purpose, View]] = [
    ("stappen", steps.view),
    ("volgende-stap", info_pages.next_step),
    ("lijst", shortlist.view),
    ("voorstel", proposal.view),
    ("start", info_pages.first_weeks),
    ("gesprek", evaluation.view),
    ("hulp", info_pages.help_page),
]
HEALTH_TIMEOUT = 2


def create_app(service: WorkerContext, links: Links, policy: Policy) -> Starlette:
    """Return the application that shows `VIEWS` and hands people's replies to the service."""
    endpoints = [PageEndpoint(purpose, view, service, links, policy) for purpose, view in VIEWS]
    return Starlette(
        routes=[
            Route("/health", partial(_health, service)),
            *(route for endpoint in endpoints for route in endpoint.routes()),
        ],
        exception_handlers={HTTPException: partial(_http_error, policy)},
    )


async def _health(service: WorkerContext, request: Request) -> Response:
    """Return 200 if the database answers, else 503."""
    try:
        await asyncio.wait_for(service.pool.fetchval("SELECT 1"), HEALTH_TIMEOUT)
    except TRANSIENT_ERRORS:
        return PlainTextResponse("the database does not answer\n", 503)
    return PlainTextResponse("ok\n")


async def _http_error(policy: Policy, request: Request, error: Exception) -> Response:
    """Return the page for an unknown link, with the status of the error."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    return html_response(rendering.error_page("link_unknown", policy), status)
