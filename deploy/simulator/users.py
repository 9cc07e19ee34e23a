"""Simulated people: they open what their mails link to and press the buttons there, each time as their own dice say."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from random import Random
from urllib.parse import urlsplit

from deploy.demo.users import Browser, Form, Mail, Page
from deploy.errors import UserError

LOOK = 0.3
AT_ONCE = 3
TRIES = 8
Mails = Callable[[], Awaitable[Sequence[Mail]]]
"""The mails that came since the last time."""


class SimulatedUsers:
    """Everybody who gets a mail. `answered` counts their buttons by the page's name, `turned_away` what a page did not take.

    `busy` is how many mails are in somebody's hands.
    """

    def __init__(self, mails: Mails, browser: Browser, seed: int | str, today: Callable[[], date]) -> None:
        self._mails, self._browser, self._today = mails, browser, today
        self._random = Random(f"{seed}/people")
        self.read, self.busy, self.turned_away, self.answered = 0, 0, 0, dict[str, int]()
        self._seen = set[str]()

    async def live(self) -> None:
        """Reads and answers until cancelled."""
        some = asyncio.Semaphore(AT_ONCE)

        async def one(mail: Mail) -> None:
            async with some:
                await self._reads(mail)

        async with asyncio.TaskGroup() as group:
            while True:
                for mail in await self._mails():
                    group.create_task(one(mail))
                await asyncio.sleep(LOOK)

    async def _reads(self, mail: Mail) -> None:
        """A second copy of a mail is thrown away."""
        if mail.message_id in self._seen:
            return
        self._seen.add(mail.message_id)
        self.read += 1
        self.busy += 1
        try:
            await self._visits(mail.link)
        except UserError:
            self.turned_away += 1
        finally:
            self.busy -= 1

    async def _visits(self, link: str) -> None:
        purpose = urlsplit(link).path.strip("/").partition("/")[0]
        page = await self._opened(link)
        if (form := FORMS.get(purpose)) and page.soup.find("form", id=form):
            shown = page.form(form)
            then = await self._sent(shown, self._answers(form, shown))
            if then.status < 400:
                self.answered[purpose] = self.answered.get(purpose, 0) + 1
            else:
                self.turned_away += 1

    def _answers(self, form: str, shown: Form) -> dict[str, str]:
        """The dice: nearly everybody says yes, and a talk was held today."""
        if form == "pick":
            chosen = self._random.choice(shown.choices["expert"])
            return {"expert": chosen, "why": self._random.choice(["fits_tasks", "fits_team", "other"])}
        if form == "answer":
            return {"answer": "yes" if self._random.random() < 0.85 else "no"}
        return {"held_on": str(self._today())}

    async def _opened(self, link: str) -> Page:
        return await _patiently(lambda: self._browser.look(link))

    async def _sent(self, form: Form, answers: dict[str, str]) -> Page:
        return await _patiently(lambda: self._browser.send(form, answers))


FORMS = {"lijst": "pick", "voorstel": "answer", "gesprek": "held"}


async def _patiently(visit: Callable[[], Awaitable[Page]]) -> Page:
    """The page, asked for again while it does not work; Trouble after some tries."""
    for _ in range(TRIES - 1):
        try:
            return await visit()
        except UserError:
            await asyncio.sleep(0.5)
    return await visit()
