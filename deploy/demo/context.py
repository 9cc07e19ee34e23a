"""What the story is played with: every door, the clock, and the wait for what must follow."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from deploy.demo.actors import Actors
from deploy.demo.bus_observer import Observer, Told
from deploy.demo.users import Browser, Mail, Mailbox, Page
from deploy.errors import UserError
from deploy.operations import dev_clock
from deploy.partner_client.client import Partner, Receipt
from deploy.partner_client.event_files import EventRecord
from deploy.stack.progress import Progress

ZONE = ZoneInfo("Europe/Brussels")
TEN = time(10)
Hook = Callable[[str], Awaitable[None]]


async def undisturbed(act: str) -> None:
    """What happens during an act where nobody interferes."""


@dataclass
class Context:
    """One run. `during` is called with the name of each act as it is done. Receipts and pages are kept by these names.

    `telling` is the chapter that is being told; closing it says that it is done.
    """

    cast: Actors
    clock: Path
    partner: Partner
    observer: Observer
    mailbox: Mailbox
    browser: Browser
    progress: Progress
    during: Hook = undisturbed
    receipts: dict[str, Receipt] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    telling: ExitStack = field(default_factory=ExitStack)

    def chapter(self, title: str) -> None:
        """What is told from here on belongs to this part of the story."""
        self.telling.close()
        self.observer.chapter = title
        self.telling.enter_context(self.progress.step(title))

    async def submit(self, event: EventRecord, outcome: str = "accepted") -> Receipt:
        """The partner publishes; Trouble unless the receipt has this outcome."""
        place, _ = await asyncio.gather(self.partner.publish(event), self.during(event.name))
        receipt = self.receipts[event.name] = await self.partner.receipt(place)
        if receipt.data["outcome"] != outcome:
            raise UserError(f"{event.name}: {receipt.data['outcome']} instead of {outcome}: {receipt.data.get('problem')}")
        return receipt

    async def told(self, name: str, led_by: UUID | None = None, **data: Any) -> Told:
        """The message of this name (`matching.tandem-formed`) with these data, and this cause where one is named."""

        def wanted(told: Told) -> bool:
            named = told.kind == f"tandem.{name}.v1" and led_by in (None, told.cause)
            return named and all(told.data.get(field) == value for field, value in data.items())

        return await self.observer.first(wanted, f"{name} {data or ''}".strip(), name.partition(".")[0])

    async def letter(self, template: str, role: str, led_by: Told) -> Mail:
        """The mail of this template to somebody in this role that a message led to."""
        sent = await self.told("notify.email-sent", template=template, role=role, cause=str(led_by.id))
        return await self.mailbox.mail(sent.data["email"])

    async def letters(self, template: str, roles: Iterable[str], led_by: Told) -> dict[str, Mail]:
        """One mail to each of the roles."""
        return {role: await self.letter(template, role, led_by) for role in roles}

    async def fill_in(self, act: str, mail: Mail, form: str, **answers: str) -> Page:
        """A person opens the page that a mail links to, and sends its form; the page that follows."""
        page = self.pages[act] = await self.browser.open(mail.link)
        then, _ = await asyncio.gather(self.browser.send(page.form(form), answers), self.during(act))
        return then

    async def move_clock(self, act: str, day: date) -> None:
        """It becomes ten in the morning of a day."""
        dev_clock.set_to(self.clock, datetime.combine(day, TEN, ZONE))
        await self.during(act)
