"""A tandem's journey, played through the doors of a running house: a partner's topic and people's pages."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from deploy import moving
from deploy.endpoints import Endpoints
from deploy.journey import story, weeks
from deploy.journey.cast import PARTNER, Cast, first_day
from deploy.journey.chronicle import report
from deploy.journey.observer import Observer
from deploy.journey.people import Browser, Mailbox
from deploy.journey.report import Report
from deploy.journey.stage import ZONE, Act, Stage, undisturbed
from deploy.partner import Partner
from deploy.progress import Progress


async def play(endpoints: Endpoints, progress: Progress, tag: str | None = None) -> Report:
    """The whole journey; Trouble names what was awaited in vain. A tag stands in the ids of all who play, a new one each time."""
    async with stage(endpoints, progress, tag or secrets.token_hex(3)) as opened:
        return await tell(opened, kept_mails(endpoints))


@asynccontextmanager
async def stage(endpoints: Endpoints, progress: Progress, tag: str, during: Act = undisturbed) -> AsyncIterator[Stage]:
    """Everything set up to play; from here on the bus is observed."""
    today = moving.shown(endpoints.clock).astimezone(ZONE).date()
    cast = Cast(tag, today, first_day(today))
    async with (
        httpx.AsyncClient(timeout=30) as http,
        Observer(endpoints.kafka) as observer,
        Partner(endpoints.kafka, PARTNER) as partner,
    ):
        mailbox = Mailbox(http, endpoints.mailbox_url)
        await mailbox.forget()
        browser = Browser(http, endpoints.pages_url)
        yield Stage(cast, endpoints.clock, partner, observer, mailbox, browser, progress, during)


def kept_mails(endpoints: Endpoints) -> Path | None:
    """The folder of the mails, as one types it from here; None where another machine keeps them."""
    folder = endpoints.var / "mail"
    return Path(os.path.relpath(folder)) if folder.is_dir() else None


async def tell(stage: Stage, folder: Path | None = None) -> Report:
    """The story, from the first event to the last quiet day. `folder`: where the report says that the mails lie."""
    registered = await story.registers(stage)
    await story.errs(stage)
    await story.gets_ready(stage, registered)
    first = await story.experts_offer(stage)
    one = await story.becomes_a_tandem(stage, 1, first)
    await story.readies_vacancy(stage, one)
    second = await story.finishes_training(stage)
    two = await story.becomes_a_tandem(stage, 2, second)
    await weeks.start(stage, one, two)
    await weeks.evaluate(stage, one, two)
    stage.telling.close()
    return report(stage.cast.tag, stage.observer.seen, await stage.mailbox.mails(), folder)
