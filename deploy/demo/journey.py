"""The whole journey: from an organisation's registration to the evaluation of two tandems."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from deploy.demo import steps, steps_after_start
from deploy.demo.actors import PARTNER, Actors, suitable_first_day
from deploy.demo.browser import Browser
from deploy.demo.bus_observer import BusObserver
from deploy.demo.context import Context, Hook, local_today, no_hook
from deploy.demo.mailbox import Mailbox
from deploy.demo.report import build_report
from deploy.demo.timeline import Report
from deploy.partner_client.client import PartnerClient
from deploy.stack.current_stack import shown
from deploy.stack.endpoints import Endpoints
from deploy.stack.progress import Progress


async def run_journey(endpoints: Endpoints, progress: Progress) -> Report:
    """Play the journey with new ids. Raises `UserError`, which names what did not arrive."""
    async with open_context(endpoints, progress, secrets.token_hex(3)) as context:
        return await play(context, mail_folder(endpoints))


@asynccontextmanager
async def open_context(endpoints: Endpoints, progress: Progress, tag: str, during: Hook = no_hook) -> AsyncIterator[Context]:
    """Connect to the stack and start observing Kafka. `tag` becomes part of all ids of the run."""
    today = local_today(endpoints.clock)
    actors = Actors(tag, today, suitable_first_day(today))
    async with (
        httpx.AsyncClient(timeout=30) as http,
        BusObserver(endpoints.kafka) as observer,
        PartnerClient(endpoints.kafka, PARTNER) as partner,
    ):
        mailbox = Mailbox(http, endpoints.mail_catcher_url)
        await mailbox.skip_existing()
        browser = Browser(http, endpoints.pages_url)
        yield Context(actors, endpoints.clock, partner, observer, mailbox, browser, progress, during)


def mail_folder(endpoints: Endpoints) -> Path | None:
    """Return the folder of the emails, as people read it; None if it is on another machine."""
    folder = endpoints.var / "mail"
    return Path(shown(folder)) if folder.is_dir() else None


async def play(context: Context, folder: Path | None = None) -> Report:
    """Play all steps in order. `folder`: where the emails are, for the report."""
    registered = await steps.register_organisation(context)
    await steps.submit_invalid_events(context)
    await steps.complete_readiness(context, registered)
    first = await steps.submit_experts(context)
    punctual = await steps.form_tandem(context, 1, first)
    await steps.complete_vacancy_readiness(context, punctual)
    second = await steps.finish_training(context)
    late = await steps.form_tandem(context, 2, second)
    await steps_after_start.start(context, punctual, late)
    await steps_after_start.evaluate(context, punctual, late)
    context.end_section()
    await context.mailbox.fetch_new()
    return build_report(context.actors.tag, context.observer.received, list(context.mailbox.mails.values()), folder)
