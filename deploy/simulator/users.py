"""Simulated people: they open the pages that their emails link to and fill in the forms, at random from a seed."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from random import Random
from urllib.parse import urlsplit

from deploy.demo.browser import Browser, Form
from deploy.demo.mailbox import button_link
from deploy.errors import UserError
from deploy.mail_catcher.mail import Mail
from deploy.retry import retry

POLL_INTERVAL = 0.3
RETRY_INTERVAL = 0.5
CONCURRENCY = 3
MAX_ATTEMPTS = 8
FORMS = {"lijst": "pick", "voorstel": "answer", "gesprek": "held"}
"""The form that is filled in, by the first segment of the page's path."""

FetchNew = Callable[[], Awaitable[Sequence[Mail]]]
"""Function that returns the emails that arrived since the last call."""


class SimulatedUsers:
    """All recipients of emails. `forms_sent` counts by page; `rejected` counts pages that failed or refused an answer.

    While `only_read` is set, they open the pages and answer nothing.
    """

    def __init__(self, fetch_new: FetchNew, browser: Browser, seed: int | str, today: Callable[[], date]) -> None:
        self._fetch_new, self._browser, self._today = fetch_new, browser, today
        self._random = Random(f"{seed}/people")
        self.emails_read, self.in_progress, self.rejected = 0, 0, 0
        self.only_read = False
        self.forms_sent = Counter[str]()
        self._message_ids = set[str]()

    async def run(self) -> None:
        """Read and answer emails until cancelled."""
        semaphore = asyncio.Semaphore(CONCURRENCY)

        async def read(mail: Mail) -> None:
            async with semaphore:
                await self._read(mail)

        async with asyncio.TaskGroup() as group:
            while True:
                for mail in await self._fetch_new():
                    group.create_task(read(mail))
                await asyncio.sleep(POLL_INTERVAL)

    async def _read(self, mail: Mail) -> None:
        """Follow the email's link; a repeated copy is ignored."""
        if mail.message_id in self._message_ids:
            return
        self._message_ids.add(mail.message_id)
        self.emails_read += 1
        self.in_progress += 1
        try:
            await self._visit(button_link(mail))
        except UserError:
            self.rejected += 1
        finally:
            self.in_progress -= 1

    async def _visit(self, link: str) -> None:
        purpose = urlsplit(link).path.strip("/").partition("/")[0]
        page = await retry(lambda: self._browser.get(link), UserError, RETRY_INTERVAL, MAX_ATTEMPTS)
        form_id = FORMS.get(purpose)
        if self.only_read or not form_id or not page.has_form(form_id):
            return
        form = page.form(form_id)
        answers = self._answers(form_id, form)
        result = await retry(lambda: self._browser.submit(form, answers), UserError, RETRY_INTERVAL, MAX_ATTEMPTS)
        if result.is_confirmation:
            self.forms_sent[purpose] += 1
        else:
            self.rejected += 1

    def _answers(self, form_id: str, form: Form) -> dict[str, str]:
        """Choose at random: most people accept, and an evaluation was held today."""
        if form_id == "pick":
            expert = self._random.choice(form.choices["expert"])
            return {"expert": expert, "why": self._random.choice(["fits_tasks", "fits_team", "other"])}
        if form_id == "answer":
            return {"answer": "yes" if self._random.random() < 0.85 else "no"}
        return {"held_on": str(self._today())}
