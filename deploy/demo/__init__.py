"""A tandem's journey, played through the doors of a running house: a partner's topic and people's pages."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from deploy.demo import steps, steps_after_start
from deploy.demo.actors import PARTNER, Actors, first_day
from deploy.demo.bus_observer import Observer
from deploy.demo.context import ZONE, Context, Hook, undisturbed
from deploy.demo.report import report
from deploy.demo.timeline import Report
from deploy.demo.users import Browser, Mailbox
from deploy.operations import dev_clock
from deploy.partner_client.client import Partner
from deploy.stack.endpoints import Endpoints
from deploy.stack.progress import Progress


async def play(endpoints: Endpoints, progress: Progress, tag: str | None = None) -> Report:
    """The whole journey; Trouble names what was awaited in vain. A tag stands in the ids of all who play, a new one each time."""
    async with stage(endpoints, progress, tag or secrets.token_hex(3)) as opened:
        return await tell(opened, kept_mails(endpoints))


@asynccontextmanager
async def stage(endpoints: Endpoints, progress: Progress, tag: str, during: Hook = undisturbed) -> AsyncIterator[Context]:
    """Everything set up to play; from here on the bus is observed."""
    today = dev_clock.stack_now(endpoints.clock).astimezone(ZONE).date()
    cast = Actors(tag, today, first_day(today))
    async with (
        httpx.AsyncClient(timeout=30) as http,
        Observer(endpoints.kafka) as observer,
        Partner(endpoints.kafka, PARTNER) as partner,
    ):
        mailbox = Mailbox(http, endpoints.mail_catcher_url)
        await mailbox.forget()
        browser = Browser(http, endpoints.pages_url)
        yield Context(cast, endpoints.clock, partner, observer, mailbox, browser, progress, during)


def kept_mails(endpoints: Endpoints) -> Path | None:
    """The folder of the mails, as one types it from here; None where another machine keeps them."""
    folder = endpoints.var / "mail"
    return Path(os.path.relpath(folder)) if folder.is_dir() else None


async def tell(stage: Context, folder: Path | None = None) -> Report:
    """The story, from the first event to the last quiet day. `folder`: where the report says that the mails lie."""
    registered = await steps.registers(stage)
    await steps.errs(stage)
    await steps.gets_ready(stage, registered)
    first = await steps.experts_offer(stage)
    one = await steps.becomes_a_tandem(stage, 1, first)
    await steps.readies_vacancy(stage, one)
    second = await steps.finishes_training(stage)
    two = await steps.becomes_a_tandem(stage, 2, second)
    await steps_after_start.start(stage, one, two)
    await steps_after_start.evaluate(stage, one, two)
    stage.telling.close()
    return report(stage.cast.tag, stage.observer.seen, await stage.mailbox.mails(), folder)
