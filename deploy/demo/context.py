"""Context of the demo's steps: the partner, the people, the clock, and waiting for messages and emails."""

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
from deploy.demo.browser import Browser, Page
from deploy.demo.bus_observer import BusObserver, ObservedMessage
from deploy.demo.mailbox import Mailbox, button_link
from deploy.errors import UserError
from deploy.mail_catcher.mail import Mail
from deploy.operations import dev_clock
from deploy.partner_client.client import PartnerClient, Receipt
from deploy.partner_client.record import EventRecord
from deploy.stack.progress import Progress

ZONE = ZoneInfo("Europe/Brussels")
MORNING = time(10)
Hook = Callable[[str], Awaitable[None]]


async def no_hook(step: str) -> None:
    """Do nothing during a step."""


def local_today(clock: Path) -> date:
    """Return today's date on the stack's clock."""
    return dev_clock.stack_now(clock).astimezone(ZONE).date()


@dataclass
class Context:
    """One run of the journey. `during` is called while each step runs, with its name; receipts and pages are kept by that name."""

    actors: Actors
    clock: Path
    partner: PartnerClient
    observer: BusObserver
    mailbox: Mailbox
    browser: Browser
    progress: Progress
    during: Hook = no_hook
    receipts: dict[str, Receipt] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    _section: ExitStack = field(default_factory=ExitStack)

    def section(self, title: str) -> None:
        """Begin the next section; messages observed from now on belong to it."""
        self.end_section()
        self.observer.section = title
        self._section.enter_context(self.progress.step(title))

    def end_section(self) -> None:
        """Report the current section as done."""
        self._section.close()

    async def submit(self, record: EventRecord, outcome: str = "accepted") -> Receipt:
        """Publish as the partner, and wait until the observer has the receipt too: it notes the section.

        Raises `UserError` unless the receipt has this outcome.
        """
        position, _ = await asyncio.gather(self.partner.publish(record), self.during(record.name))
        receipt = self.receipts[record.name] = await self.partner.wait_for_receipt(position)
        await self.observer.first(lambda message: message.id == receipt.id, f"observed receipt of {record.name}", "intake")
        if receipt.outcome != outcome:
            raise UserError(f"{record.name}: {receipt.outcome} instead of {outcome}: {receipt.data.get('problem')}")
        return receipt

    async def wait_for_message(self, name: str, caused_by: UUID | None = None, **data: Any) -> ObservedMessage:
        """Return the message with this name (`matching.tandem-formed`), these data and, if given, this cause."""

        def matches(message: ObservedMessage) -> bool:
            if message.kind != f"tandem.{name}.v1" or caused_by not in (None, message.cause):
                return False
            return all(message.data.get(field) == value for field, value in data.items())

        return await self.observer.first(matches, f"{name} {data or ''}".strip(), name.partition(".")[0])

    async def wait_for_email(self, template: str, role: str, cause: ObservedMessage) -> Mail:
        """Return the email of this template that a message caused for this role."""
        sent = await self.wait_for_message("notify.email-sent", template=template, role=role, cause=str(cause.id))
        return await self.mailbox.find(sent.data["email"])

    async def wait_for_emails(self, template: str, roles: Iterable[str], cause: ObservedMessage) -> dict[str, Mail]:
        """Return one email for each role."""
        return {role: await self.wait_for_email(template, role, cause) for role in roles}

    async def open_page(self, name: str, mail: Mail) -> None:
        """Open the page that an email links to, and keep it by name."""
        self.pages[name] = await self.browser.open(button_link(mail))

    async def fill_in(self, step: str, mail: Mail, form: str, **answers: str) -> None:
        """Open the page that an email links to and send its form."""
        await self.open_page(step, mail)
        await asyncio.gather(self.browser.submit(self.pages[step].form(form), answers), self.during(step))

    async def move_clock(self, step: str, day: date) -> None:
        """Set the stack's clock to ten in the morning of a day."""
        dev_clock.set_to(self.clock, datetime.combine(day, MORNING, ZONE))
        await self.during(step)
